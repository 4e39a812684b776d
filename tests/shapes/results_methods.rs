//! `ret` and `err` on methods, with every receiver.

use std::fmt::{Debug, Display};
use std::pin::Pin;
use std::rc::Rc;

use traceme::traceme;

use super::support::recorded;

#[derive(Clone, Debug, PartialEq)]
struct Account {
    a: u8,
    b: Rc<u8>,
}

impl Account {
    #[traceme(ret)]
    fn new(a: u8) -> Self {
        Self { a, b: Rc::new(a) }
    }

    #[traceme(ret, err)]
    fn checked(self, wanted: u8) -> Result<Self, String> {
        if self.a == wanted { Ok(self) } else { Err(format!("{} is not {}", self.a, wanted)) }
    }

    #[traceme(ret)]
    fn take_apart(self) -> Rc<u8> {
        let Self { a: _, b } = self;
        b
    }

    #[traceme(ret)]
    fn shared(&self) -> &u8 {
        &self.a
    }

    #[traceme(ret)]
    fn exclusive(&mut self) -> (&mut u8, &mut Rc<u8>) {
        self.a += 1;
        (&mut self.a, &mut self.b)
    }

    #[traceme(ret)]
    fn chained(&mut self) -> &mut Self {
        self.a += 1;
        self
    }

    #[traceme(ret)]
    fn mutable(mut self) -> Self {
        self.a = 9;
        self
    }

    #[traceme(ret)]
    fn pinned(mut self: Pin<&mut Self>) -> u8 {
        self.a += 1;
        self.a
    }

    #[traceme(ret)]
    fn pinned_out(self: Pin<&mut Self>) -> &mut u8 {
        &mut self.get_mut().a
    }

    #[traceme(ret)]
    fn from_box(self: Box<Self>) -> Box<Self> {
        self
    }

    #[traceme(ret)]
    fn from_rc(self: Rc<Self>) -> u8 {
        self.a
    }
}

#[test]
fn receivers() {
    let text = recorded(1, || {
        let mut account = Account::new(1);
        assert_eq!(account.clone().checked(1), Ok(account.clone()));
        assert_eq!(account.clone().checked(2), Err("1 is not 2".into()));
        assert_eq!(account.clone().take_apart(), Rc::new(1));
        assert_eq!(account.shared(), &1);
        *account.exclusive().0 += 1;
        assert_eq!(account.chained().chained().a, 5);
        assert_eq!(Pin::new(&mut account).pinned(), 6);
        *Pin::new(&mut account).pinned_out() = 7;
        assert_eq!(Box::new(account.clone()).from_box().a, 7);
        assert_eq!(Rc::new(account.clone()).from_rc(), 7);
        assert_eq!(account.mutable().a, 9);
    });
    let account = |a| format!("ret=\"Account {{ a: {}, b: 1 }}\"", a);
    let expected = format!(
        "new {}\nchecked {}\nchecked err=\"1 is not 2\" (failed)\ntake_apart ret=\"1\"\nshared ret=\"1\"\n\
         exclusive ret=\"(2, 1)\"\nchained {}\nchained {}\npinned ret=\"6\"\npinned_out ret=\"6\"\nfrom_box {}\n\
         from_rc ret=\"7\"\nmutable {}",
        account(1),
        account(1),
        account(4),
        account(5),
        account(7),
        account(9)
    );
    assert_eq!(text, expected);
}

trait Parse {
    type Output: Debug;
    type Error: Display;

    fn parse(&self) -> Result<Self::Output, Self::Error>;

    #[traceme(ret, err)]
    fn parsed(&self) -> Result<Self::Output, Self::Error> {
        self.parse()
    }
}

impl Parse for str {
    type Output = u8;
    type Error = std::num::ParseIntError;

    #[traceme(ret(Value), err)]
    fn parse(&self) -> Result<Self::Output, Self::Error> {
        str::parse(self)
    }
}

#[test]
fn methods_of_traits() {
    let text = recorded(1, || assert!("1".parsed().is_ok() && "x".parsed().is_err()));
    let failed = "err=\"invalid digit found in string\" (failed)";
    assert_eq!(text, format!("parsed ret=\"1\"\n  parse ret=1\nparsed {}\n  parse {0}", failed));
}

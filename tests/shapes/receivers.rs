//! Methods: every receiver that the language has.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use traceme::traceme;

use super::support::recorded;

#[derive(Clone)]
struct Account {
    balance: i64,
}

impl Account {
    #[traceme]
    fn none() -> Self {
        Self { balance: 7 }
    }

    #[traceme(meta(balance = self.balance))]
    fn value(self) -> i64 {
        self.balance
    }

    #[traceme(meta(balance = self.balance))]
    fn mutable_value(mut self) -> i64 {
        self.balance += 1;
        self.balance
    }

    #[traceme(meta(balance = self.balance))]
    fn reference(&self) -> i64 {
        self.balance
    }

    #[traceme(meta(amount))]
    fn mutable_reference(&mut self, amount: i64) -> &mut Self {
        self.balance += amount;
        self
    }

    #[traceme]
    fn reference_with_a_lifetime<'a>(&'a self, _: &i64) -> &'a i64 {
        &self.balance
    }

    #[traceme]
    fn mutable_reference_with_a_lifetime<'a>(&'a mut self) -> &'a mut i64 {
        &mut self.balance
    }

    #[traceme]
    #[allow(clippy::needless_arbitrary_self_type, reason = "a shape")]
    fn typed_value(self: Self) -> i64 {
        self.balance
    }

    #[traceme]
    #[allow(clippy::needless_arbitrary_self_type, reason = "a shape")]
    fn typed_reference(self: &Self) -> i64 {
        self.balance
    }

    #[traceme]
    #[allow(clippy::needless_arbitrary_self_type, reason = "a shape")]
    fn typed_mutable_reference(self: &mut Account) -> i64 {
        self.balance += 2;
        self.balance
    }

    #[traceme(meta(balance = self.balance))]
    #[allow(clippy::boxed_local, reason = "a shape")]
    fn boxed(self: Box<Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn mutable_box(mut self: Box<Self>) -> Box<Self> {
        self.balance = 1;
        self
    }

    #[traceme(meta(owners = Rc::strong_count(&self)))]
    fn rc(self: Rc<Self>) -> i64 {
        self.balance
    }

    #[traceme(meta(owners = Rc::strong_count(self)))]
    fn reference_to_rc(self: &Rc<Self>) -> Rc<Self> {
        Rc::clone(self)
    }

    #[traceme(meta(owners = Arc::strong_count(&self)))]
    fn arc(self: Arc<Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn mutable_reference_to_arc(self: &mut Arc<Self>) -> i64 {
        Arc::make_mut(self).balance += 1;
        self.balance
    }

    #[traceme(meta(balance = self.balance))]
    fn pinned(self: Pin<&mut Self>) -> i64 {
        self.get_mut().balance
    }

    #[traceme]
    fn pinned_reference(self: Pin<&Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn mutable_pinned(mut self: Pin<&mut Self>) -> i64 {
        self.as_mut().get_mut().balance = 3;
        self.balance
    }

    #[traceme]
    fn pinned_box(self: Pin<Box<Self>>) -> i64 {
        self.balance
    }

    #[traceme]
    fn box_of_rc(self: Box<Rc<Self>>) -> i64 {
        self.balance
    }
}

#[test]
fn receivers_by_value_and_reference() {
    let account = || Account { balance: 7 };
    let text = recorded(1, || {
        assert_eq!(Account::none().balance, 7);
        assert_eq!(account().value(), 7);
        assert_eq!(account().mutable_value(), 8);
        assert_eq!(account().reference(), 7);
        assert_eq!(account().mutable_reference(-3).mutable_reference(-3).balance, 1);
        assert_eq!(*account().reference_with_a_lifetime(&1), 7);
        *account().mutable_reference_with_a_lifetime() = 1;
        assert_eq!(account().typed_value(), 7);
        assert_eq!(account().typed_reference(), 7);
        assert_eq!(account().typed_mutable_reference(), 9);
        assert_eq!(Account::reference(&account()), 7);
    });
    let expected = "none\nvalue balance=7\nmutable_value balance=7\nreference balance=7\n\
                    mutable_reference amount=-3\nmutable_reference amount=-3\nreference_with_a_lifetime\n\
                    mutable_reference_with_a_lifetime\ntyped_value\ntyped_reference\n\
                    typed_mutable_reference\nreference balance=7";
    assert_eq!(text, expected);
}

#[test]
fn receivers_in_smart_pointers() {
    let account = || Account { balance: 7 };
    let text = recorded(1, || {
        assert_eq!(Box::new(account()).boxed(), 7);
        assert_eq!(Box::new(account()).mutable_box().balance, 1);
        let rc = Rc::new(account());
        assert_eq!(rc.reference_to_rc().rc(), 7);
        let mut arc = Arc::new(account());
        assert_eq!(arc.mutable_reference_to_arc(), 8);
        assert_eq!(arc.arc(), 8);
        assert_eq!(Pin::new(&mut account()).pinned(), 7);
        assert_eq!(Pin::new(&account()).pinned_reference(), 7);
        assert_eq!(Pin::new(&mut account()).mutable_pinned(), 3);
        assert_eq!(Box::pin(account()).pinned_box(), 7);
        assert_eq!(Box::new(rc).box_of_rc(), 7);
    });
    let expected = "boxed balance=7\nmutable_box\nreference_to_rc owners=1\nrc owners=2\n\
                    mutable_reference_to_arc\narc owners=1\npinned balance=7\npinned_reference\n\
                    mutable_pinned\npinned_box\nbox_of_rc";
    assert_eq!(text, expected);
}

/// Methods of an enumeration, by `match self`.
#[derive(Debug, PartialEq)]
enum Light {
    Red,
    Green { seconds: u8 },
}

impl Light {
    #[traceme(name = format!("{:?}", self))]
    fn next(&mut self) {
        *self = match self {
            Self::Red => Self::Green { seconds: 1 },
            Self::Green { seconds } if *seconds > 0 => Self::Green { seconds: *seconds - 1 },
            Self::Green { .. } => Self::Red,
        }
    }

    #[traceme]
    fn seconds(&mut self) -> Option<&mut u8> {
        match self {
            Self::Red => None,
            Self::Green { seconds } => Some(seconds),
        }
    }
}

/// A part of it is moved out of `self`.
struct Parts {
    left: String,
    right: String,
}

impl Parts {
    #[traceme(meta(right = self.right.as_str()))]
    fn left(self) -> String {
        self.left
    }

    #[traceme]
    fn destructures(self) -> usize {
        let Self { left, right } = self;
        left.len() + right.len()
    }

    #[traceme]
    fn replaces(&mut self) -> String {
        std::mem::replace(&mut self.left, Self::default_text().to_owned())
    }

    #[traceme]
    fn default_text() -> &'static str {
        "none"
    }
}

#[test]
fn self_in_bodies() {
    let parts = || Parts { left: String::from("left"), right: String::from("right") };
    let text = recorded(1, || {
        let mut light = Light::Red;
        light.next();
        *light.seconds().expect("it is green") = 0;
        light.next();
        assert_eq!(light, Light::Red);
        assert_eq!(parts().left(), "left");
        assert_eq!(parts().destructures(), 9);
        assert_eq!(parts().replaces(), "left");
    });
    let expected = "Red\nseconds\nGreen { seconds: 0 }\nleft right=\"right\"\ndestructures\nreplaces\n  default_text";
    assert_eq!(text, expected);
}

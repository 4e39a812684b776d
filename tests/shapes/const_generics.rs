//! Parameters that are constants.

use traceme::traceme;

use super::support::recorded;

#[traceme(meta(n = N))]
fn number<const N: usize>() -> usize {
    N
}

#[traceme(meta(on = ON, letter = LETTER))]
fn flag_and_letter<const ON: bool, const LETTER: char>() -> Option<char> {
    ON.then_some(LETTER)
}

#[traceme(meta(n = N, first = ?values.first()))]
fn array<T: Copy + std::fmt::Debug, const N: usize>(values: [T; N]) -> [T; N] {
    values
}

#[traceme(level = 2, name = format!("reversed_{}", N))]
fn array_by_reference<const N: usize>(values: &[u8; N]) -> [u8; N] {
    let mut reversed = *values;
    reversed.reverse();
    reversed
}

#[traceme]
fn calls_with_an_expression() -> usize {
    number::<{ 2 + 1 }>() + number::<{ usize::MIN }>()
}

const WIDTH: usize = 2;

#[traceme(meta(sum = row.iter().sum::<u8>()))]
fn expression_in_the_signature(
    row: [u8; {
        const ONE: usize = 1;
        WIDTH + ONE
    }],
) -> [u8; WIDTH * 2] {
    [row[0], row[1], row[2], 0]
}

struct Matrix<const ROWS: usize, const COLUMNS: usize = 2>([[i32; COLUMNS]; ROWS]);

impl<const ROWS: usize, const COLUMNS: usize> Matrix<ROWS, COLUMNS> {
    const CELLS: usize = ROWS * COLUMNS;

    #[traceme(meta(cells = Self::CELLS))]
    fn transposed(&self) -> Matrix<COLUMNS, ROWS> {
        let mut cells = [[0; ROWS]; COLUMNS];
        for (row, line) in self.0.iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                cells[column][row] = *cell;
            }
        }
        Matrix(cells)
    }
}

impl Matrix<1, 1> {
    #[traceme]
    fn of_one_instance(&self) -> i32 {
        self.0[0][0]
    }
}

#[traceme]
fn inferred_length<const N: usize>(_: &[(); N]) -> usize {
    N
}

#[test]
fn constants_as_parameters() {
    let text = recorded(2, || {
        assert_eq!(flag_and_letter::<true, 'x'>(), Some('x'));
        assert_eq!(array([1, 2]), [1, 2]);
        assert_eq!(array::<u8, 0>([]), []);
        assert_eq!(array_by_reference(&[1, 2, 3]), [3, 2, 1]);
        assert_eq!(calls_with_an_expression(), 3);
        assert_eq!(expression_in_the_signature([1, 2, 3]), [1, 2, 3, 0]);
        assert_eq!(Matrix([[1, 2]]).transposed().0, [[1], [2]]);
        assert_eq!(Matrix([[7]]).of_one_instance(), 7);
        assert_eq!(inferred_length(&[(); 4]), 4);
    });
    let expected = "flag_and_letter on=true letter='x'\narray n=2 first=\"Some(1)\"\narray n=0 first=\"None\"\n\
                    reversed_3\ncalls_with_an_expression\n  number n=3\n  number n=0\n\
                    expression_in_the_signature sum=6\ntransposed cells=2\nof_one_instance\ninferred_length";
    assert_eq!(text, expected);
}

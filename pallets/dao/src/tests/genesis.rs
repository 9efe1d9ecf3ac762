use super::*;
use crate::ApplyParameters;
use codec::Encode;

#[test]
fn genesis_should_keep_the_defaults_when_no_parameter_is_given() {
    ExtBuilder::default().build_and_execute(|| assert_eq!(Governed::get(), 5));
}

#[test]
fn genesis_should_set_the_last_value_when_a_parameter_is_given_twice() {
    ExtBuilder::default()
        .parameters(vec![7u32.encode(), 9u32.encode()])
        .build_and_execute(|| assert_eq!(Governed::get(), 9));
}

#[test]
#[should_panic(expected = "genesis parameter 1 cannot be set")]
fn genesis_should_be_refused_when_a_parameter_is_out_of_bounds() {
    ExtBuilder::default()
        .parameters(vec![7u32.encode(), 11u32.encode()])
        .build_and_execute(|| ());
}

#[test]
#[should_panic(expected = "genesis parameter 0 cannot be set")]
fn genesis_should_be_refused_when_bytes_are_left_over() {
    ExtBuilder::default()
        .parameters(vec![(7u32, 0u8).encode()])
        .build_and_execute(|| ());
}

#[test]
fn parameters_should_be_refused_when_the_runtime_has_none() {
    assert!(<() as ApplyParameters>::apply(&[]).is_err());
}

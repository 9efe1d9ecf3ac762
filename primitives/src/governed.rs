//! Integers with a range in their type, for figures that token holders can change.
//!
//! A value outside the range does not decode, so a referendum cannot set one; in metadata the type is the plain
//! integer, so polkadot.js shows a plain number field.

use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen, Output};
use scale_info::{Type, TypeInfo};

macro_rules! bounded_integer {
    ($name:ident, $plain:ty, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub struct $name<const MIN: $plain, const MAX: $plain>($plain);

        impl<const MIN: $plain, const MAX: $plain> $name<MIN, MAX> {
            /// The value, when it is in range.
            pub const fn new(value: $plain) -> Option<Self> {
                if value >= MIN && value <= MAX {
                    Some(Self(value))
                } else {
                    None
                }
            }

            /// For constants: `const X: Self = Self::from_const(5)` does not compile when 5 is out of range.
            /// Outside a constant use [`Self::of`] or [`Self::new`].
            pub const fn from_const(value: $plain) -> Self {
                assert!(
                    value >= MIN && value <= MAX,
                    "a governed value is out of its range"
                );
                Self(value)
            }

            /// The value `VALUE`; does not compile when it is out of range, wherever it is called.
            pub const fn of<const VALUE: $plain>() -> Self {
                const { Self::from_const(VALUE) }
            }

            /// The plain number.
            pub const fn get(self) -> $plain {
                self.0
            }
        }

        impl<const MIN: $plain, const MAX: $plain> From<$name<MIN, MAX>> for $plain {
            fn from(value: $name<MIN, MAX>) -> Self {
                value.0
            }
        }

        impl<const MIN: $plain, const MAX: $plain> TryFrom<$plain> for $name<MIN, MAX> {
            type Error = &'static str;

            fn try_from(value: $plain) -> Result<Self, Self::Error> {
                Self::new(value).ok_or("a governed value is out of its range")
            }
        }

        impl<const MIN: $plain, const MAX: $plain> Encode for $name<MIN, MAX> {
            fn size_hint(&self) -> usize {
                self.0.size_hint()
            }

            fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
                self.0.encode_to(dest)
            }

            fn using_encoded<R, F: FnOnce(&[u8]) -> R>(&self, f: F) -> R {
                self.0.using_encoded(f)
            }
        }

        impl<const MIN: $plain, const MAX: $plain> codec::EncodeLike for $name<MIN, MAX> {}

        impl<const MIN: $plain, const MAX: $plain> Decode for $name<MIN, MAX> {
            fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
                Self::new(<$plain>::decode(input)?)
                    .ok_or_else(|| "a governed value is out of its range".into())
            }

            fn encoded_fixed_size() -> Option<usize> {
                <$plain>::encoded_fixed_size()
            }
        }

        impl<const MIN: $plain, const MAX: $plain> DecodeWithMemTracking for $name<MIN, MAX> {}

        impl<const MIN: $plain, const MAX: $plain> MaxEncodedLen for $name<MIN, MAX> {
            fn max_encoded_len() -> usize {
                <$plain>::max_encoded_len()
            }
        }

        impl<const MIN: $plain, const MAX: $plain> TypeInfo for $name<MIN, MAX> {
            type Identity = $plain;

            fn type_info() -> Type {
                <$plain>::type_info()
            }
        }
    };
}

bounded_integer!(BoundedU32, u32, "A `u32` of `MIN ..= MAX`.");
bounded_integer!(BoundedU128, u128, "A `u128` of `MIN ..= MAX`.");

#[cfg(test)]
mod tests {
    use super::*;

    type Share = BoundedU32<10, 20>;
    type Amount = BoundedU128<1, { u128::MAX - 1 }>;

    #[test]
    fn bounded_value_should_decode_only_when_in_range() {
        for value in 0u32..40 {
            let decoded = Share::decode(&mut &value.encode()[..]);
            assert_eq!(decoded.is_ok(), (10..=20).contains(&value));
            assert_eq!(Share::new(value).is_some(), decoded.is_ok());
        }
        assert!(Amount::decode(&mut &0u128.encode()[..]).is_err());
        assert!(Amount::decode(&mut &u128::MAX.encode()[..]).is_err());
        assert_eq!(Amount::decode(&mut &7u128.encode()[..]).map(Amount::get), Ok(7));
    }

    #[test]
    fn bounded_value_should_encode_as_the_plain_integer() {
        const SHARE: Share = Share::from_const(12);
        assert_eq!(SHARE.encode(), 12u32.encode());
        assert_eq!(Share::of::<12>(), SHARE);
        assert_eq!(Share::max_encoded_len(), 4);
        assert_eq!(Amount::of::<5>().encode(), 5u128.encode());
    }

    #[test]
    fn bounded_value_should_be_the_plain_integer_in_metadata() {
        assert_eq!(scale_info::meta_type::<Share>(), scale_info::meta_type::<u32>());
        assert_eq!(scale_info::meta_type::<Amount>(), scale_info::meta_type::<u128>());
        assert_eq!(Share::type_info(), u32::type_info());
    }
}

//! Texts of errors, for the programs that show them to a person.

/// `Display` and `Error` of an enum: one text for every variant, fields by their names.
macro_rules! explain {
    ($type:ty { $($pattern:pat => $($text:expr),+;)+ }) => {
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $($pattern => write!(f, $($text),+),)+
                }
            }
        }

        impl core::error::Error for $type {}
    };
}

pub(crate) use explain;

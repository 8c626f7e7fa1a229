//! Stable names of what a catalogue says, for programs and command lines.

use super::{Duty, FieldKind, Level, Masking, SharingClass, UpdateCycle};

macro_rules! names {
    ($($type:ident { $($arm:ident $name:literal,)* })*) => {
        $(impl $type {
            /// A stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$arm => $name,)* }
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn no_two_have_one_name() {
                $({
                    let names: std::collections::BTreeSet<_> =
                        $type::ALL.iter().map(|value| value.name()).collect();
                    assert_eq!(names.len(), $type::ALL.len(), stringify!($type));
                })*
            }
        }
    };
}

names! {
    Duty {
        Provide "provide",
        Update "update",
        Quality "quality",
        Security "security",
        Correct "correct",
        Serve "serve",
    }
    FieldKind {
        Text "text",
        Integer "integer",
        Decimal "decimal",
        Date "date",
        DateTime "date-time",
        Boolean "boolean",
        Code "code",
        Binary "binary",
        Geometry "geometry",
    }
    Level {
        General1 "general-1",
        General2 "general-2",
        General3 "general-3",
        General4 "general-4",
        Important "important",
        Core "core",
    }
    Masking {
        None "none",
        Partial "partial",
        Generalised "generalised",
        Tokenised "tokenised",
        Encrypted "encrypted",
        Suppressed "suppressed",
        Aggregated "aggregated",
        Perturbed "perturbed",
    }
    SharingClass {
        Unconditional "unconditional",
        Conditional "conditional",
        Never "never",
    }
    UpdateCycle {
        Irregular "irregular",
        RealTime "real-time",
        Daily "daily",
        Weekly "weekly",
        Monthly "monthly",
        Quarterly "quarterly",
        HalfYearly "half-yearly",
        Yearly "yearly",
        Other "other",
    }
}

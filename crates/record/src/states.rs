//! Tables of states: one `match (state, event)` each, and what states and events are called.

/// The states of one kind of thing: numbers for encodings, names for people.
macro_rules! states {
    ($(#[$doc:meta])* $type:ident { $($(#[$arm_doc:meta])* $number:literal $arm:ident $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $type { $($(#[$arm_doc])* $arm,)* }

        $crate::asn::numbered!($type { $($number => $arm,)* });

        impl $type {
            /// A stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$arm => $name,)* }
            }
        }
    };
}

/// What can happen to one kind of thing.
macro_rules! events {
    ($(#[$doc:meta])* $type:ident { $($(#[$arm_doc:meta])* $arm:ident $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $type { $($(#[$arm_doc])* $arm,)* }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$arm),*];

            /// A stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$arm => $name,)* }
            }
        }
    };
}

/// No row, no move.
macro_rules! illegal {
    ($state:expr, $event:expr) => {
        Err($crate::Error::Illegal {
            state: $state.map_or("not on the ledger", |state| state.name()),
            event: $event.name(),
        })
    };
}

pub(crate) use {events, illegal, states};

/// Exactly these rows, over all states and events.
#[cfg(test)]
pub(crate) fn check<
    S: Copy + PartialEq + core::fmt::Debug,
    E: Copy + PartialEq + core::fmt::Debug,
>(
    (states, events): (&[S], &[E]),
    next: fn(Option<S>, E) -> Result<S, crate::Error>,
    rows: &[(Option<S>, E, S)],
) {
    for state in core::iter::once(None).chain(states.iter().copied().map(Some)) {
        for event in events.iter().copied() {
            let row = rows.iter().find(|(s, e, _)| (*s, *e) == (state, event));
            assert_eq!(next(state, event).ok(), row.map(|r| r.2), "{state:?} {event:?}");
        }
    }
}

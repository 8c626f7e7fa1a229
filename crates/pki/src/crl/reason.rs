//! Why certificates are revoked.

macro_rules! crl_reasons {
    ($($name:ident $code:literal $word:literal)*) => {
        /// Why a certificate was revoked (RFC 5280 5.3.1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum CrlReason { $(#[doc = concat!("`", $word, "`.")] $name,)* }

        impl CrlReason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The number in the list.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason with this number.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|r| r.code() == code)
            }

            /// The standard's word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The reason of this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|r| r.word() == word)
            }
        }
    };
}

crl_reasons! {
    Unspecified          0  "unspecified"
    KeyCompromise        1  "keyCompromise"
    CaCompromise         2  "cACompromise"
    AffiliationChanged   3  "affiliationChanged"
    Superseded           4  "superseded"
    CessationOfOperation 5  "cessationOfOperation"
    CertificateHold      6  "certificateHold"
    RemoveFromCrl        8  "removeFromCRL"
    PrivilegeWithdrawn   9  "privilegeWithdrawn"
    AaCompromise         10 "aACompromise"
}

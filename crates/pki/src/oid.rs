//! The object identifiers that this crate knows.

pub use der::asn1::ObjectIdentifier;

macro_rules! oids {
    ($($name:ident $dotted:literal $doc:literal)*) => {
        $(#[doc = $doc] pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);)*
    };
}

// GB/T 33560 (GM/T 0006).
oids! {
    SM2_CURVE               "1.2.156.10197.1.301"     "The curve of SM2, sm2p256v1."
    SM2_SIGN                "1.2.156.10197.1.301.1"   "SM2 signature, as GB/T 35275 names it."
    SM2_ENCRYPT             "1.2.156.10197.1.301.3"   "SM2 encryption."
    SM2_WITH_SM3            "1.2.156.10197.1.501"     "SM2 signature over SM3."
    SM3                     "1.2.156.10197.1.401"     "SM3."
    SM3_WITHOUT_KEY         "1.2.156.10197.1.401.1"   "SM3 without a key, another name of the same."
    HMAC_SM3                "1.2.156.10197.1.401.2"   "SM3 with a key: HMAC-SM3."
    SM4_CBC                 "1.2.156.10197.1.104.2"   "SM4 in CBC mode."
    SM4_GCM                 "1.2.156.10197.1.104.8"   "SM4 in GCM mode."
}

// GB/T 35275.
oids! {
    GM_DATA                 "1.2.156.10197.6.1.4.2.1" "Data."
    GM_SIGNED_DATA          "1.2.156.10197.6.1.4.2.2" "SignedData."
    GM_ENVELOPED_DATA       "1.2.156.10197.6.1.4.2.3" "EnvelopedData."
}

// PKCS #5, #7, #9.
oids! {
    PKCS7_DATA              "1.2.840.113549.1.7.1"    "PKCS #7 data."
    PKCS7_SIGNED_DATA       "1.2.840.113549.1.7.2"    "PKCS #7 signedData."
    PKCS7_ENVELOPED_DATA    "1.2.840.113549.1.7.3"    "PKCS #7 envelopedData."
    CONTENT_TYPE            "1.2.840.113549.1.9.3"    "Attribute: content type."
    MESSAGE_DIGEST          "1.2.840.113549.1.9.4"    "Attribute: message digest."
    SIGNING_TIME            "1.2.840.113549.1.9.5"    "Attribute: signing time."
    EXTENSION_REQUEST       "1.2.840.113549.1.9.14"   "Attribute: requested extensions."
    TIME_STAMP_TOKEN        "1.2.840.113549.1.9.16.2.14" "Attribute: time-stamp token over the signature value."
    PBES2                   "1.2.840.113549.1.5.13"   "PBES2."
    PBKDF2                  "1.2.840.113549.1.5.12"   "PBKDF2."
    HMAC_SHA256             "1.2.840.113549.2.9"      "HMAC-SHA256."
}

// Keys and signatures of others.
oids! {
    EC_PUBLIC_KEY           "1.2.840.10045.2.1"       "A key on an elliptic curve; SM2 keys too."
    RSA                     "1.2.840.113549.1.1.1"    "An RSA key."
    P256                    "1.2.840.10045.3.1.7"     "The curve P-256."
    P384                    "1.3.132.0.34"            "The curve P-384."
    RSA_MD5                 "1.2.840.113549.1.1.4"    "RSA PKCS #1 v1.5 over MD5."
    RSA_SHA1                "1.2.840.113549.1.1.5"    "RSA PKCS #1 v1.5 over SHA-1."
    RSA_SHA256              "1.2.840.113549.1.1.11"   "RSA PKCS #1 v1.5 over SHA-256."
    RSA_SHA384              "1.2.840.113549.1.1.12"   "RSA PKCS #1 v1.5 over SHA-384."
    RSA_SHA512              "1.2.840.113549.1.1.13"   "RSA PKCS #1 v1.5 over SHA-512."
    ECDSA_SHA1              "1.2.840.10045.4.1"       "ECDSA over SHA-1."
    ECDSA_SHA256            "1.2.840.10045.4.3.2"     "ECDSA over SHA-256."
    ECDSA_SHA384            "1.2.840.10045.4.3.3"     "ECDSA over SHA-384."
    DSA_SHA1                "1.2.840.10040.4.3"       "DSA over SHA-1."
    MD5                     "1.2.840.113549.2.5"      "MD5."
    SHA1                    "1.3.14.3.2.26"           "SHA-1."
    SHA256                  "2.16.840.1.101.3.4.2.1"  "SHA-256."
}

// Attributes of names, X.520.
oids! {
    COMMON_NAME             "2.5.4.3"                 "CN."
    SURNAME                 "2.5.4.4"                 "SN."
    SERIAL_NUMBER           "2.5.4.5"                 "serialNumber."
    COUNTRY                 "2.5.4.6"                 "C."
    LOCALITY                "2.5.4.7"                 "L."
    PROVINCE                "2.5.4.8"                 "ST."
    STREET                  "2.5.4.9"                 "street."
    ORGANISATION            "2.5.4.10"                "O."
    UNIT                    "2.5.4.11"                "OU."
    TITLE                   "2.5.4.12"                "title."
    GIVEN_NAME              "2.5.4.42"                "givenName."
    ORGANISATION_IDENTIFIER "2.5.4.97"                "organizationIdentifier: the unified social credit code."
    EMAIL                   "1.2.840.113549.1.9.1"    "emailAddress."
    DOMAIN_COMPONENT        "0.9.2342.19200300.100.1.25" "DC."
}

// Extensions, RFC 5280.
oids! {
    SUBJECT_KEY_IDENTIFIER  "2.5.29.14"               "subjectKeyIdentifier."
    KEY_USAGE               "2.5.29.15"               "keyUsage."
    SUBJECT_ALT_NAME        "2.5.29.17"               "subjectAltName."
    ISSUER_ALT_NAME         "2.5.29.18"               "issuerAltName."
    BASIC_CONSTRAINTS       "2.5.29.19"               "basicConstraints."
    CRL_NUMBER              "2.5.29.20"               "cRLNumber."
    REASON_CODE             "2.5.29.21"               "reasonCode."
    INVALIDITY_DATE         "2.5.29.24"               "invalidityDate."
    DELTA_CRL               "2.5.29.27"               "deltaCRLIndicator."
    ISSUING_POINT           "2.5.29.28"               "issuingDistributionPoint."
    CERTIFICATE_ISSUER      "2.5.29.29"               "certificateIssuer."
    NAME_CONSTRAINTS        "2.5.29.30"               "nameConstraints."
    CRL_POINTS              "2.5.29.31"               "cRLDistributionPoints."
    POLICIES                "2.5.29.32"               "certificatePolicies."
    AUTHORITY_KEY_IDENTIFIER "2.5.29.35"              "authorityKeyIdentifier."
    EXT_KEY_USAGE           "2.5.29.37"               "extKeyUsage."
    FRESHEST_CRL            "2.5.29.46"               "freshestCRL."
}

// Extended key usages.
oids! {
    EKU_ANY                 "2.5.29.37.0"             "Any extended usage."
    EKU_SERVER              "1.3.6.1.5.5.7.3.1"       "TLS server."
    EKU_CLIENT              "1.3.6.1.5.5.7.3.2"       "TLS client."
    EKU_TIME_STAMPING       "1.3.6.1.5.5.7.3.8"       "Time-stamping."
    EKU_OCSP_SIGNING        "1.3.6.1.5.5.7.3.9"       "OCSP signing."
}

/// The short name of an attribute type, as RFC 4514 and OpenSSL write it.
#[must_use]
pub fn attribute_name(oid: &ObjectIdentifier) -> Option<&'static str> {
    Some(match *oid {
        COMMON_NAME => "CN",
        SURNAME => "SN",
        SERIAL_NUMBER => "serialNumber",
        COUNTRY => "C",
        LOCALITY => "L",
        PROVINCE => "ST",
        STREET => "street",
        ORGANISATION => "O",
        UNIT => "OU",
        TITLE => "title",
        GIVEN_NAME => "GN",
        ORGANISATION_IDENTIFIER => "organizationIdentifier",
        EMAIL => "emailAddress",
        DOMAIN_COMPONENT => "DC",
        _ => return None,
    })
}

//! Operations by name, on bytes: everything that is not pointers.

use serde::Deserialize;
use serde_json::{Value, json};
use yinxin_verdict::{Policy, UnixTime};

use crate::trusts;

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class, as in `yinxin.h`.
    pub code: i32,
    /// What was expected and what came.
    pub what: String,
}

impl Failure {
    /// The request is wrong.
    pub const USAGE: i32 = 2;
    /// A file cannot be read as what it is.
    pub const MALFORMED: i32 = 4;
    /// A folder cannot be opened.
    pub const DENIED: i32 = 6;
    /// A bug of ours.
    pub const INTERNAL: i32 = 70;

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { code: Self::USAGE, what: what.into() }
    }

    pub(crate) fn internal() -> Self {
        Self { code: Self::INTERNAL, what: "internal error: please report it".to_owned() }
    }

    pub(crate) fn to_json(&self) -> String {
        json!({"schema": "yinxin.error/1", "error": self.what}).to_string()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenOptions {
    dir: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseOptions {
    trust: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct VerifyOptions {
    trust: Option<u64>,
    at: Option<String>,
    policy: Policy,
}

/// Answers one call: `op` by name, `request` as `yinxin.h` lays it out.
///
/// # Errors
/// A [`Failure`] with its class.
pub fn call(op: &str, request: &[u8]) -> Result<String, Failure> {
    let (options, content) = split(request)?;
    match op {
        "version" => {
            Ok(json!({"schema": "yinxin.version/1", "version": env!("CARGO_PKG_VERSION")})
                .to_string())
        }
        "trust.open" => open(&parse(options)?),
        "trust.close" => close(&parse(options)?),
        "verify" => verify(parse(options)?, content),
        other => Err(Failure::usage(format!(
            "expected version, trust.open, trust.close or verify, got {other:?}"
        ))),
    }
}

/// Options and content of a request; an empty request is empty options.
fn split(request: &[u8]) -> Result<(&[u8], &[u8]), Failure> {
    if request.is_empty() {
        return Ok((b"{}", &[]));
    }
    let short =
        || Failure::usage("expected a 4-byte length, that many bytes of JSON, then the content");
    let (head, rest) = request.split_first_chunk::<4>().ok_or_else(short)?;
    let len = usize::try_from(u32::from_be_bytes(*head)).map_err(|_| short())?;
    let (options, content) = rest.split_at_checked(len).ok_or_else(short)?;
    Ok((if options.is_empty() { b"{}" } else { options }, content))
}

fn parse<'a, T: Deserialize<'a>>(options: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(options).map_err(|e| Failure::usage(format!("options: {e}")))
}

fn open(options: &OpenOptions) -> Result<String, Failure> {
    let (number, summary) = trusts::open(&options.dir)?;
    let mut reply = json!({"schema": "yinxin.trust/1", "trust": number});
    if let (Value::Object(reply), Value::Object(summary)) = (&mut reply, summary) {
        reply.extend(summary);
    }
    Ok(reply.to_string())
}

fn close(options: &CloseOptions) -> Result<String, Failure> {
    trusts::close(options.trust)?;
    Ok(json!({"schema": "yinxin.trust/1"}).to_string())
}

fn verify(options: VerifyOptions, content: &[u8]) -> Result<String, Failure> {
    let VerifyOptions { trust, at, policy } = options;
    if let Some(name) = policy.unknown_names().first() {
        return Err(Failure::usage(format!("policy: {name:?} is no reason code")));
    }
    let at = match at {
        None => UnixTime::system_now(),
        Some(text) => UnixTime::parse(&text).map_err(|e| Failure::usage(e.to_string()))?,
    };
    let trust = trusts::get(trust)?;
    let report = yinxin_verify::verify(content, &trust, &policy, at);
    serde_json::to_string(&report).map_err(|_| Failure::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(options: &str, content: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(options.len()).unwrap().to_be_bytes().to_vec();
        out.extend_from_slice(options.as_bytes());
        out.extend_from_slice(content);
        out
    }

    #[test]
    fn wrong_requests_say_what_is_wrong() {
        for (op, request, part) in [
            ("verfy", request("{}", b""), "verfy"),
            ("verify", vec![0, 0, 0], "4-byte length"),
            ("verify", vec![0, 0, 0, 9, b'{'], "4-byte length"),
            ("verify", request("{", b""), "options"),
            ("verify", request(r#"{"att":"2026-11-22"}"#, b""), "att"),
            ("verify", request(r#"{"at":"yesterday"}"#, b""), "yesterday"),
            ("verify", request(r#"{"trust":99}"#, b""), "99"),
            ("verify", request(r#"{"policy":{"gravity":{"NO_SUCH":"VALID"}}}"#, b""), "NO_SUCH"),
            ("trust.open", request("{}", b""), "dir"),
        ] {
            let failure = call(op, &request).unwrap_err();
            assert_eq!(failure.code, Failure::USAGE, "{failure:?}");
            assert!(failure.what.contains(part), "{failure:?} lacks {part}");
        }
    }

    #[test]
    fn garbage_has_a_report_not_a_failure() {
        let reply = call("verify", &request("{}", b"no document at all")).unwrap();
        let report: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(report["schema"], "yinxin.report/1");
        assert_eq!(report["verdict"], "INVALID");
    }

    #[test]
    fn missing_folder_is_denied() {
        let failure =
            call("trust.open", &request(r#"{"dir":"/nonexistent/trust"}"#, b"")).unwrap_err();
        assert_eq!(failure.code, Failure::DENIED);
    }
}

//! The C ABI under callers that err: no pointer of theirs, no length and no thread makes it crash.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    unsafe_code,
    reason = "the C ABI is pointers; each block says why it holds"
)]

use std::{ffi::CString, ptr, slice, thread};

use yinxin::{yx_call, yx_free};

/// Calls as C does; the class and the reply.
fn call(op: &str, request: &[u8]) -> (i32, String) {
    let op = CString::new(op).unwrap();
    let (mut reply, mut len) = (ptr::null_mut(), 0);
    // SAFETY: `op` is NUL-terminated, `request` readable for its length, both results writable.
    let code = unsafe {
        yx_call(op.as_ptr(), request.as_ptr(), request.len(), &raw mut reply, &raw mut len)
    };
    assert!(!reply.is_null());
    // SAFETY: `yx_call` set both to a buffer of ours until it is given back below.
    let text = String::from_utf8(unsafe { slice::from_raw_parts(reply, len) }.to_vec()).unwrap();
    // SAFETY: the pair is what `yx_call` set, given back once.
    unsafe { yx_free(reply, len) };
    (code, text)
}

fn request(options: &str, content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(options.len()).unwrap().to_be_bytes();
    [&len, options.as_bytes(), content].concat()
}

#[test]
fn null_pointers_are_usage_errors() {
    let op = c"verify".as_ptr();
    let (mut reply, mut len) = (ptr::null_mut::<u8>(), 0_usize);
    // SAFETY: NULL is allowed for each of these; what is not NULL is writable.
    unsafe {
        assert_eq!(yx_call(op, ptr::null(), 0, ptr::null_mut(), ptr::null_mut()), 2);
        assert_eq!(yx_call(op, ptr::null(), 0, &raw mut reply, ptr::null_mut()), 2);
        assert_eq!(yx_call(op, ptr::null(), 0, ptr::null_mut(), &raw mut len), 2);
        assert!(reply.is_null() && len == 0, "nothing is set when one of the two is missing");
        yx_free(ptr::null_mut(), 0);
        yx_free(ptr::null_mut(), 7);
        // No name, and no request of any length.
        assert_eq!(yx_call(ptr::null(), ptr::null(), 0, &raw mut reply, &raw mut len), 2);
        yx_free(reply, len);
        assert_eq!(yx_call(op, ptr::null(), usize::MAX, &raw mut reply, &raw mut len), 0);
        yx_free(reply, len);
    }
}

#[test]
fn wrong_requests_are_answered_in_json() {
    let whole = request(r#"{"at":"2026-11-22"}"#, b"content");
    for cut in 1..whole.len() {
        let (code, text) = call("verify", &whole[..cut]);
        // Cut within the length or the options it is a wrong request; after them it is shorter content.
        assert_eq!(code, if cut < 4 + 19 { 2 } else { 0 }, "{cut} bytes: {text}");
        let schema = if code == 0 { "yinxin.report/1" } else { "yinxin.error/1" };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["schema"], schema);
    }
    for (op, bytes) in [
        ("verify", vec![0xff; 4]),
        ("verify", [&u32::MAX.to_be_bytes()[..], b"{}"].concat()),
        ("verify", request("{\"at\":1}", b"")),
        ("verify", request("\u{0}", b"")),
        ("verify", request("null", b"")),
        ("verify", request(&"[".repeat(100_000), b"")),
        ("verify", [&3_u32.to_be_bytes()[..], b"\xff\xfe\xfd"].concat()),
        ("verify", request(r#"{"trust":18446744073709551615}"#, b"")),
        ("verify", request(r#"{"trust":-1}"#, b"")),
        ("trust.close", request(r#"{"trust":0}"#, b"")),
        ("trust.open", request(r#"{"dir":1}"#, b"")),
        ("", vec![]),
        ("VERIFY", vec![]),
        ("\u{7f}印信", vec![]),
    ] {
        let (code, text) = call(op, &bytes);
        assert_eq!(code, 2, "{op}: {text}");
        assert!(text.contains("yinxin.error/1"), "{text}");
    }
    let mut name = b"verify\xff\0".to_vec();
    let (mut reply, mut len) = (ptr::null_mut(), 0);
    // SAFETY: the name is NUL-terminated, though not UTF-8; both results are writable.
    let code =
        unsafe { yx_call(name.as_mut_ptr().cast(), ptr::null(), 0, &raw mut reply, &raw mut len) };
    assert_eq!(code, 2);
    // SAFETY: the pair is what `yx_call` set, given back once.
    unsafe { yx_free(reply, len) };
}

#[test]
fn a_handle_is_shared_by_threads_and_closed_once() {
    let dir = tempfile::tempdir().unwrap();
    let options = serde_json::json!({ "dir": dir.path() }).to_string();
    let (code, text) = call("trust.open", &request(&options, b""));
    assert_eq!(code, 0, "{text}");
    let opened: serde_json::Value = serde_json::from_str(&text).unwrap();
    let trust = format!("{{\"trust\":{}}}", opened["trust"]);
    thread::scope(|scope| {
        for n in 0..8_u8 {
            let trust = &trust;
            scope.spawn(move || {
                for length in 0..50 {
                    let content = vec![n; length];
                    let (code, text) = call("verify", &request(trust, &content));
                    assert_eq!(code, 0, "{text}");
                    assert!(text.contains("\"verdict\":\"INVALID\""), "{text}");
                }
            });
        }
    });
    // Of many that close it at once, one does.
    let closed: Vec<i32> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| call("trust.close", &request(&trust, b"")).0)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(closed.iter().filter(|c| **c == 0).count(), 1, "{closed:?}");
    assert_eq!(closed.iter().filter(|c| **c == 2).count(), 7, "{closed:?}");
    assert_eq!(call("verify", &request(&trust, b"x")).0, 2, "a closed number is no number");
}

#[test]
fn a_folder_that_lies_is_malformed_and_a_missing_one_denied() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("root.cer"), b"no certificate").unwrap();
    let options = serde_json::json!({ "dir": dir.path() }).to_string();
    let (code, text) = call("trust.open", &request(&options, b""));
    assert_eq!(code, 4, "{text}");
    let (code, text) = call("trust.open", &request(r#"{"dir":"/nonexistent"}"#, b""));
    assert_eq!(code, 6, "{text}");
}

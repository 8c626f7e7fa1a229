//! Lines of calls as any server can write them: the encoding alone, without the guard that decides.

use yinxin_merkle::wire::{Wire as _, Writer};
use yinxin_sharing::access::{Answer, Call, Line};

/// The line of a part of an answer that was served when it was asked for.
///
/// # Panics
/// If the encoding is another now.
#[must_use]
pub fn served(call: &Call, part: u32, answer: Answer) -> Line {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text("yinxin/access-line/1");
        out.uint(part);
        out.int(call.signed_at.as_millis());
        out.digest(&call.id);
        out.int(call.signed_at.as_millis());
        out.uint(part);
        out.text(call.caller.as_str());
        out.digest(&call.grant);
        out.text(call.resource.as_str());
        out.text(call.purpose.as_str());
        out.octets(&call.fields.iter().collect::<Vec<u8>>());
        out.list(&call.subjects, |out, subject| out.digest(subject));
        out.uint(1_u64);
        out.tagged(0, |out| {
            out.sequence(|out| {
                out.uint(answer.rows);
                out.uint(answer.bytes);
                out.digest(&answer.commitment);
            });
        });
    });
    Line::from_der(&out.into_vec()).expect("as it is specified")
}

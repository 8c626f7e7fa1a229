//! How fast content is sealed and opened, and what peak memory says of it: `cargo run --release -p yinxin-sharing --example rates`.

use std::io::{self, Read, Write};
use std::time::Instant;

use rand_core::UnwrapErr;
use yinxin_sharing::envelope::{ChunkSize, ContentSecret, Reader, Writer};

/// Mebibytes of content.
const MIB: u32 = 256;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let secret = ContentSecret::generate(rng);
    let data = vec![7; 1 << 20];
    let began = Instant::now();
    let mut writer = Writer::new(Vec::new(), &secret, ChunkSize::default(), rng);
    for _ in 0..MIB {
        writer.write_all(&data)?;
    }
    let (body, content) = writer.finish()?;
    let wrote = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut reader = Reader::new(&body[..], content, &secret)?;
    let mut buffer = vec![0; 1 << 16];
    let mut read = 0;
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            n => read += n as u64,
        }
    }
    let opened = began.elapsed().as_secs_f64();
    let rate = |seconds: f64| f64::from(MIB) / seconds;
    writeln!(
        io::stdout(),
        "{MIB} MiB: written {:.0} MiB/s, read {:.0} MiB/s",
        rate(wrote),
        rate(opened)
    )?;
    assert_eq!(read, content.length(), "all of it came back");
    Ok(())
}

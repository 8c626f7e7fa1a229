//! Documents that others made: nothing of them may stop us.

use std::path::PathBuf;

use yinxin_licence::{document, preview};
use yinxin_ofd::{Limits, Package};
use yinxin_verdict::{Facts, UnixTime};

#[test]
fn real_and_hostile_documents_are_read_and_drawn_without_a_stop() {
    let shared = std::env::var("YINXIN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let corpus = PathBuf::from(shared).join("corpus");
    let mut drawn = 0;
    for folder in ["real", "attacks", "blobs"] {
        let Ok(files) = std::fs::read_dir(corpus.join(folder)) else {
            println!("skipped: no {}", corpus.join(folder).display());
            return;
        };
        for path in files.map(|f| f.expect("a folder that can be listed").path()) {
            if path.extension().is_none_or(|e| e != "ofd") {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file that can be read");
            let Ok(package) = Package::open_container(bytes, &Limits::default()) else { continue };
            let mut facts = Facts::new();
            let metadata = document::inspect(&package, UnixTime::EPOCH, "licence", &mut facts);
            assert!(metadata.is_none(), "{}: none of them is a licence of ours", path.display());
            let svg = preview::svg(&package, 0, |_| None);
            drawn +=
                usize::from(svg.as_ref().is_ok_and(|s| s.contains("<text") || s.contains("<path")));
            if let (Ok(folder), Ok(svg)) = (std::env::var("YINXIN_PREVIEWS"), svg) {
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                std::fs::write(PathBuf::from(folder).join(name + ".svg"), svg)
                    .expect("a folder to write");
            }
        }
    }
    assert!(drawn > 10, "{drawn}");
}

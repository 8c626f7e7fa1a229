use super::*;

/// A file in memory that remembers what was synced.
#[derive(Clone, Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    synced: usize,
}

impl JournalFile for Memory {
    fn read_all(&mut self) -> std::io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> std::io::Result<()> {
        self.bytes.truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.synced = self.bytes.len();
        Ok(())
    }
}

fn batch() -> Batch {
    Batch::new(Digest([1; 32]), "110108", "november")
}

fn identifier(serial: &str) -> Identifier {
    Identifier::new("11100000000013338W011", "110108", serial, 1).unwrap()
}

fn at() -> UnixTime {
    UnixTime::from_secs(1_795_305_600).unwrap()
}

/// The length of the file and the rows that it says.
type Step = (usize, BTreeMap<String, Row>);

/// Three rows through all stages, synced before each submission; the journal and its rows after each step.
fn history() -> (Memory, Vec<Step>) {
    let mut journal = Journal::open(Memory::default(), batch()).unwrap();
    let mut steps = vec![(journal.file.bytes.len(), BTreeMap::new())];
    let mut keep = |j: &Journal<Memory>| steps.push((j.file.bytes.len(), j.rows().clone()));
    for serial in ["A1", "A2", "A3"] {
        journal.issued(&identifier(serial), Digest([2; 32]), at()).unwrap();
        keep(&journal);
        journal.sealed(serial, "licences/x.ofd", Digest([3; 32])).unwrap();
        keep(&journal);
        journal.submitted(serial, b"record Ye Ye").unwrap();
        keep(&journal);
        journal.sync().unwrap();
        journal.resubmitted(serial, b"another").unwrap();
        keep(&journal);
        journal.sync().unwrap();
        journal.anchored(serial, 7).unwrap();
        keep(&journal);
    }
    (journal.file, steps)
}

#[test]
fn a_crash_at_any_byte_leaves_the_rows_of_the_last_whole_entry() {
    let (file, steps) = history();
    for cut in 0..=file.bytes.len() {
        let torn = Memory { bytes: file.bytes[..cut].to_vec(), synced: 0 };
        let journal = Journal::open(torn, batch()).unwrap();
        let expected = steps.iter().rev().find(|(len, _)| *len <= cut);
        let rows = expected.map(|(_, rows)| rows.clone()).unwrap_or_default();
        assert_eq!(journal.rows(), &rows, "cut at {cut}");
        // It goes on from there.
        let mut journal = journal;
        journal.issued(&identifier("B1"), Digest([2; 32]), at()).unwrap();
        let again = Journal::open(journal.file, batch()).unwrap();
        assert_eq!(again.rows().len(), rows.len() + 1, "cut at {cut}");
    }
}

#[test]
fn garbage_and_zeros_after_the_last_sync_are_cut_off() {
    let (file, steps) = history();
    let (len, rows) = steps.last().unwrap();
    for tail in [
        &[0u8; 100][..],
        b"Ye",
        b"Ye\0\0\0\x02garbage garbage garbage garbage garbage",
        &[0xFF; 300],
    ] {
        let bytes = [&file.bytes, tail].concat();
        let journal = Journal::open(Memory { bytes, synced: 0 }, batch()).unwrap();
        assert_eq!(journal.rows(), rows);
        assert_eq!(journal.file.bytes.len(), *len);
    }
}

#[test]
fn a_changed_byte_that_was_synced_is_damage() {
    let (file, steps) = history();
    let synced_before_last = steps[steps.len() - 2].0;
    for at in (0..synced_before_last).step_by(3) {
        let mut bytes = file.bytes.clone();
        bytes[at] ^= 0x10;
        let error = Journal::open(Memory { bytes, synced: 0 }, batch()).unwrap_err();
        assert!(
            matches!(error, Error::BatchDamaged { .. } | Error::BatchForeign { .. }),
            "{at}: {error}"
        );
    }
}

#[test]
fn a_journal_of_another_batch_is_refused() {
    let (file, _) = history();
    let other = Batch::new(Digest([1; 32]), "110108", "december");
    assert!(matches!(Journal::open(file, other), Err(Error::BatchForeign { .. })));
    let letter = Memory {
        bytes: b"Dear Sir or Madam, this is no journal, nor was it ever meant to be.".to_vec(),
        synced: 0,
    };
    assert!(matches!(Journal::open(letter, batch()), Err(Error::BatchDamaged { offset: 0, .. })));
}

#[test]
fn a_row_moves_forward_only() {
    let mut journal = Journal::open(Memory::default(), batch()).unwrap();
    assert!(journal.sealed("A1", "p", Digest::ZERO).is_err());
    journal.issued(&identifier("A1"), Digest::ZERO, at()).unwrap();
    let len = journal.file.bytes.len();
    let second = identifier("A1").next_version().unwrap();
    assert!(journal.issued(&second, Digest::ZERO, at()).is_err());
    assert!(journal.submitted("A1", b"").is_err());
    assert!(journal.resubmitted("A1", b"").is_err());
    assert!(journal.anchored("A1", 1).is_err());
    assert_eq!(journal.file.bytes.len(), len, "a refused step leaves no trace");
    assert!(journal.resume("A1", Digest::ZERO).unwrap().is_some());
    assert!(journal.resume("A2", Digest::ZERO).unwrap().is_none());
    journal.sealed("A1", "p", Digest::ZERO).unwrap();
    assert!(journal.issued(&identifier("A1"), Digest::ZERO, at()).is_err());
    let changed = Error::RowChanged { serial: "A1".into(), stage: "sealed" };
    assert_eq!(journal.resume("A1", Digest([9; 32])), Err(changed));
}

#[test]
fn a_row_that_was_corrected_before_its_seal_starts_again() {
    let mut journal = Journal::open(Memory::default(), batch()).unwrap();
    let (wrong, right) = (Digest([8; 32]), Digest([9; 32]));
    journal.issued(&identifier("A1"), wrong, at()).unwrap();
    assert!(journal.resume("A1", right).unwrap().is_none());
    let later = at().plus_millis(1000);
    journal.issued(&identifier("A1"), right, later).unwrap();
    let journal = Journal::open(journal.file, batch()).unwrap();
    let row = journal.resume("A1", right).unwrap().unwrap();
    assert_eq!((row.stage, row.issued_at), (Stage::Issued, later));
}

#[test]
fn two_runs_cannot_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let options = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.path().join("j"));
        Journal::open(options.unwrap(), batch())
    };
    let mut first = open().unwrap();
    first.issued(&identifier("A1"), Digest::ZERO, at()).unwrap();
    assert!(matches!(open(), Err(Error::Io { .. })));
    drop(first);
    assert_eq!(open().unwrap().rows().len(), 1);
}

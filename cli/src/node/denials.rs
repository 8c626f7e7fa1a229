//! What this node refused by the ledger's rules, in its folder: appended, chained, of bounded size; durable before the
//! answer, or the log says that it is not: a full disk does not keep a refusal from its sender.
//!
//! ```text
//! denials/<number of its first entry>.log = "YXREFUS1" ‖ journal id (32) ‖ first number (8) ‖ chain before (32) ‖ frames
//! frame = length (4) ‖ Refusal, DER ‖ chain after it (32)
//! ```
//!
//! A file has 4 MiB, and sixteen are kept: some 300,000 refusals. Of what falls off the end the chain's head still speaks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::log::{Frontier, leaf_hash};
use yinxin_record::{OrganisationCode, Refusal, Refused, RefusedAct, RefusedTogether, Wire};
use yinxin_service::RefusalPage;
use yinxin_verdict::UnixTime;

const MAGIC: &[u8; 8] = b"YXREFUS1";
const HEAD: usize = 8 + 32 + 8 + 32;
const FILE_MAX: u64 = 4 << 20;
const FILES: usize = 16;
/// Longest entry, in octets; texts and codes are short.
const ENTRY_MAX: usize = 1024;
/// How many refusals of one organisation have an entry of their own in a minute: more are told together, so that nobody pushes the
/// others out.
const OWN: u32 = 256;

/// One refusal, before it has a number.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// SM3 of the record's octets.
    pub(super) octets: Digest,
    /// What it is, if its organisation signed it.
    pub(super) act: Option<RefusedAct>,
    /// The newest block.
    pub(super) height: u64,
}

/// The journal.
#[derive(Debug)]
pub(super) struct Denials {
    folder: PathBuf,
    id: Digest,
    file: File,
    size: u64,
    count: u64,
    chain: Digest,
    minute: i64,
    /// Entries of their own in this minute.
    own: BTreeMap<OrganisationCode, u32>,
    /// Records that have one in this minute.
    seen: BTreeSet<Digest>,
    /// Those of this minute that are told together; a crash loses their count.
    together: BTreeMap<Option<OrganisationCode>, Frontier>,
    height: u64,
}

/// A file's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    id: Digest,
    first: u64,
    before: Digest,
}

impl Head {
    fn write(&self) -> Vec<u8> {
        [MAGIC, &self.id.as_bytes()[..], &self.first.to_be_bytes(), self.before.as_bytes()].concat()
    }

    fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut octets = [0; HEAD];
        input.read_exact(&mut octets)?;
        let digest = |at: usize| {
            let mut digest = [0; 32];
            digest.copy_from_slice(&octets[at..at + 32]);
            Digest(digest)
        };
        let mut first = [0; 8];
        first.copy_from_slice(&octets[40..48]);
        let first = u64::from_be_bytes(first);
        if octets[..8] != MAGIC[..] || first == 0 {
            return Err(wrong("no journal of refusals"));
        }
        Ok(Self { id: digest(8), first, before: digest(48) })
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Denials {
    /// Goes on with a folder's journal, or begins one with this id.
    pub(super) fn open(folder: &Path, fresh: Digest) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = match files(folder)?.pop() {
            Some(path) => path,
            None => begin(folder, &Head { id: fresh, first: 1, before: Digest::ZERO })?,
        };
        let mut input = io::BufReader::new(File::open(&path)?);
        let head = Head::read(&mut input)?;
        let (mut chain, mut count, mut size) = (head.before, head.first - 1, HEAD as u64);
        while let Some((entry, octets)) = next(&mut input, count + 1, &chain)? {
            (chain, count, size) = (entry.chain(&chain), count + 1, size + octets);
        }
        let file = OpenOptions::new().append(true).open(&path)?;
        // An entry that a crash cut short was never answered.
        file.set_len(size)?;
        let (own, together) = (BTreeMap::new(), BTreeMap::new());
        let (folder, id) = (folder.to_owned(), head.id);
        let seen = BTreeSet::new();
        Ok(Self { folder, id, file, size, count, chain, minute: 0, own, seen, together, height: 0 })
    }

    /// Writes what was refused; durable when it returns.
    pub(super) fn take(&mut self, told: &[Told], now: UnixTime) -> io::Result<()> {
        self.turn(now)?;
        for Told { octets, act, height } in told {
            self.height = self.height.max(*height);
            let who = act.as_ref().map(|act| act.organisation.clone());
            let own = who.clone().map(|who| self.own.entry(who).or_default());
            match (act, own) {
                // The same record once more has no entry of its own: whoever holds one cannot fill another's minute with it.
                (Some(act), Some(own)) if *own < OWN && !self.seen.contains(&act.record) => {
                    *own += 1;
                    self.append(Refused::Act(act.clone()), now)?;
                    self.seen.insert(act.record);
                }
                _ => {
                    let log = self.together.entry(who).or_default();
                    log.append(leaf_hash(octets.as_bytes()), &mut |_, _| {});
                }
            }
        }
        self.file.sync_data()
    }

    /// A minute that is over is told of.
    pub(super) fn turn(&mut self, now: UnixTime) -> io::Result<()> {
        let minute = now.as_millis().div_euclid(60_000);
        if minute == self.minute {
            return Ok(());
        }
        let told = !self.together.is_empty();
        // Each goes once it is written: what a full disk does not take is told later.
        while let Some((organisation, log)) = self.together.first_key_value() {
            let (organisation, records, root) = (organisation.clone(), log.size(), log.root());
            self.append(Refused::Together(RefusedTogether { organisation, records, root }), now)?;
            self.together.pop_first();
        }
        self.minute = minute;
        self.own.clear();
        self.seen.clear();
        if told { self.file.sync_data() } else { Ok(()) }
    }

    fn append(&mut self, refused: Refused, time: UnixTime) -> io::Result<()> {
        if self.size >= FILE_MAX {
            self.file.sync_data()?;
            let head = Head { id: self.id, first: self.count + 1, before: self.chain };
            let path = begin(&self.folder, &head)?;
            (self.file, self.size) = (OpenOptions::new().append(true).open(path)?, HEAD as u64);
            let files = files(&self.folder)?;
            for old in files.iter().rev().skip(FILES) {
                fs::remove_file(old)?;
            }
        }
        let entry = Refusal { number: self.count + 1, time, height: self.height, refused };
        let (der, chain) = (entry.to_der(), entry.chain(&self.chain));
        let length = u32::try_from(der.len()).expect("an entry is short").to_be_bytes();
        let written = self.file.write_all(&[&length[..], &der, chain.as_bytes()].concat());
        if written.is_err() {
            // Nothing stands behind half an entry: what a full disk cut short goes, so that the journal goes on once there is room.
            self.file.set_len(self.size)?;
        }
        written?;
        self.size += (4 + der.len() + 32) as u64;
        (self.count, self.chain) = (entry.number, chain);
        Ok(())
    }

    /// Entries from a number on, or from the oldest that is kept.
    pub(super) fn page(&self, from: u64, limit: usize) -> io::Result<RefusalPage> {
        let mut heads = Vec::new();
        for path in files(&self.folder)? {
            heads.push((Head::read(&mut File::open(&path)?)?, path));
        }
        let oldest = heads.first().map_or(1, |(head, _)| head.first);
        let from = from.max(oldest);
        let at = heads.partition_point(|(head, _)| head.first <= from).saturating_sub(1);
        let (mut chain, mut number) =
            heads.get(at).map_or((self.chain, from), |(h, _)| (h.before, h.first));
        let (mut before, mut entries) = (chain, Vec::new());
        'files: for (_, path) in heads.get(at..).unwrap_or_default() {
            let mut input = io::BufReader::new(File::open(path)?);
            Head::read(&mut input)?;
            while let Some((entry, _)) = next(&mut input, number, &chain)? {
                if number == from {
                    before = chain;
                }
                if number >= from && entries.len() < limit {
                    entries.push(entry.to_der());
                }
                (chain, number) = (entry.chain(&chain), number + 1);
                if entries.len() == limit {
                    break 'files;
                }
            }
        }
        if entries.is_empty() {
            before = self.chain;
        }
        let (journal, count, head) = (self.id, self.count, self.chain);
        Ok(RefusalPage { journal, count, head, oldest, before, entries })
    }
}

/// Of the record's octets, whatever they are.
pub(super) fn octets(record: &[u8]) -> Digest {
    sm3::digest(record)
}

/// The journal's files, oldest first.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "log") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A new file is whole or not there.
fn begin(folder: &Path, head: &Head) -> io::Result<PathBuf> {
    let path = folder.join(format!("{:020}.log", head.first));
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(&head.write())?;
    file.sync_all()?;
    fs::rename(&part, &path)?;
    File::open(folder)?.sync_all()?;
    Ok(path)
}

/// The next entry and how many octets it takes; none where the file ends, or ends in what a crash cut short.
fn next(input: &mut impl Read, number: u64, before: &Digest) -> io::Result<Option<(Refusal, u64)>> {
    let mut length = [0; 4];
    if input.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    let mut rest = |buffer: &mut [u8]| match input.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        outcome => outcome.map(|()| true),
    };
    if !rest(&mut length[1..])? {
        return Ok(None);
    }
    let size = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if size > ENTRY_MAX {
        return Err(wrong("an entry too long"));
    }
    let mut octets = vec![0; size + 32];
    if !rest(&mut octets)? {
        return Ok(None);
    }
    let entry =
        Refusal::from_der(&octets[..size]).map_err(|_| wrong("an entry of another form"))?;
    if entry.number != number || entry.chain(before).as_bytes()[..] != octets[size..] {
        return Err(wrong("an entry that was not written"));
    }
    Ok(Some((entry, (4 + size + 32) as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_record::Text;

    fn at(ms: i64) -> UnixTime {
        UnixTime::parse("2026-11-22T00:00:00Z").unwrap().plus_millis(ms)
    }

    fn told(n: u64, signed: bool) -> Told {
        let record = sm3::digest(&n.to_be_bytes());
        let organisation = OrganisationCode::new("11430000006122244L").unwrap();
        let text = |text| Text::new(text).unwrap();
        let (act, code) = (text("data request"), text("POWER_MISSING"));
        let act = signed.then_some(RefusedAct { record, organisation, act, code });
        Told { octets: record, act, height: n }
    }

    fn all(journal: &Denials) -> Vec<Refusal> {
        let page = journal.page(0, usize::MAX).unwrap();
        let entries: Vec<_> =
            page.entries.iter().map(|der| Refusal::from_der(der).unwrap()).collect();
        let chain = entries.iter().fold(page.before, |chain, entry| entry.chain(&chain));
        assert_eq!(chain, page.head);
        assert_eq!(page.oldest + entries.len() as u64, page.count + 1);
        entries
    }

    #[test]
    fn what_was_refused_is_there_after_a_crash_at_any_octet() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Denials::open(folder.path(), Digest([1; 32])).unwrap();
        journal.take(&[told(1, true), told(2, true)], at(0)).unwrap();
        let path = files(folder.path()).unwrap().remove(0);
        let two = fs::read(&path).unwrap();
        journal.take(&[told(3, true)], at(1)).unwrap();
        let three = fs::read(&path).unwrap();
        for cut in two.len()..three.len() {
            fs::write(&path, &three[..cut]).unwrap();
            let mut journal = Denials::open(folder.path(), Digest::ZERO).unwrap();
            assert_eq!((journal.count, journal.id), (2, Digest([1; 32])), "{cut}");
            journal.take(&[told(4, true)], at(2)).unwrap();
            assert_eq!(all(&journal).len(), 3, "{cut}");
        }
        for place in 0..two.len() {
            let mut changed = two.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            let opened = Denials::open(folder.path(), Digest::ZERO);
            // The id is the journal's name: whoever vouched for it named it.
            let other =
                opened.is_ok_and(|j| j.id == Digest([1; 32]) && j.chain == journal_of(&two));
            assert!(!other, "octet {place}");
        }
    }

    fn journal_of(octets: &[u8]) -> Digest {
        let mut chain = [0; 32];
        chain.copy_from_slice(&octets[octets.len() - 32..]);
        Digest(chain)
    }

    #[test]
    fn strangers_and_floods_are_counted_together_and_push_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Denials::open(folder.path(), Digest([1; 32])).unwrap();
        let strangers: Vec<_> = (0..10_000).map(|n| told(n, false)).collect();
        journal.take(&strangers, at(0)).unwrap();
        let flood: Vec<_> = (0..1_000).map(|n| told(n, true)).collect();
        journal.take(&flood, at(1)).unwrap();
        assert_eq!(journal.count, u64::from(OWN));
        journal.turn(at(60_000)).unwrap();
        let entries = all(&journal);
        let together: Vec<_> = entries
            .iter()
            .filter_map(|e| match &e.refused {
                Refused::Together(t) => Some((t.organisation.is_some(), t.records)),
                _ => None,
            })
            .collect();
        assert_eq!(together, [(false, 10_000), (true, 1_000 - u64::from(OWN))]);
        journal.take(&vec![told(7, true); 1_000], at(60_001)).unwrap();
        assert_eq!(
            journal.count,
            u64::from(OWN) + 3,
            "a new minute, and one record a thousand times"
        );
    }

    #[test]
    fn what_a_full_disk_did_not_take_is_told_once_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Denials::open(folder.path(), Digest([1; 32])).unwrap();
        journal.take(&[told(1, false), told(2, false), told(3, false)], at(0)).unwrap();
        let full = || OpenOptions::new().append(true).open("/dev/full").unwrap();
        let whole = core::mem::replace(&mut journal.file, full());
        assert!(journal.turn(at(60_000)).is_err());
        assert!(journal.take(&[told(4, true)], at(60_001)).is_err());
        journal.file = whole;
        journal.turn(at(60_002)).unwrap();
        let entries = all(&journal);
        assert!(matches!(&entries[0].refused, Refused::Together(t) if t.records == 3));
        // What was never written is not there before.
        let whole = core::mem::replace(&mut journal.file, full());
        assert!(journal.take(&[told(5, true)], at(60_003)).is_err());
        journal.file = whole;
        journal.take(&[told(5, true)], at(60_004)).unwrap();
        let last = all(&journal).pop().unwrap();
        assert!(matches!(&last.refused, Refused::Act(act) if act.record == told(5, true).octets));
        let again = Denials::open(folder.path(), Digest::ZERO).unwrap();
        assert_eq!((again.count, again.chain), (journal.count, journal.chain));
    }

    #[test]
    fn the_oldest_files_go_and_the_chain_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Denials::open(folder.path(), Digest([1; 32])).unwrap();
        for minute in 0..2_100 {
            let some: Vec<_> = (0..u64::from(OWN)).map(|n| told(n, true)).collect();
            journal.take(&some, at(minute * 60_000)).unwrap();
        }
        let kept = files(folder.path()).unwrap();
        assert_eq!(kept.len(), FILES);
        let size: u64 = kept.iter().map(|p| fs::metadata(p).unwrap().len()).sum();
        assert!(size <= FILES as u64 * (FILE_MAX + ENTRY_MAX as u64));
        let oldest = journal.page(0, 1).unwrap().oldest;
        assert!(oldest > 1);
        assert_eq!(all(&journal).len() as u64, journal.count + 1 - oldest);
        let middle = journal.page(oldest + 100_000, 5).unwrap();
        assert_eq!(Refusal::from_der(&middle.entries[0]).unwrap().number, oldest + 100_000);
        let again = Denials::open(folder.path(), Digest::ZERO).unwrap();
        assert_eq!((again.count, again.chain), (journal.count, journal.chain));
    }
}

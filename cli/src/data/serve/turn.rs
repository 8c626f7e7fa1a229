//! A turn's beginning: that this folder's journal, and no other, answers now, on the ledger before the first answer.

use std::{
    fmt,
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, UNIX_EPOCH},
};

use rand_core::Rng;
use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    DataAct, OpenServing, OrganisationCode, ResourceCode, ServingState, TakesOver, Turn, state_key,
};
use yinxin_sharing::access::Guard;
use yinxin_verdict::UnixTime;

use super::{config::Settings, follow::Follower};
use crate::{
    data::words::failure,
    fail::{Class, Done, Failure},
    keys::Signer,
    rng, send,
    ui::Ui,
};

/// How long the node may take to have the block that it gave a receipt of.
const PATIENCE: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(200);
const PLACE_DOMAIN: &[u8] = b"yinxin/journal-place/1";

/// What speaks against going on with a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Another journal answers for this resource.
    Another(ResourceCode),
    /// The ledger has more of this journal than it holds itself.
    Behind(ResourceCode),
    /// The file is another one than the journal was last written in.
    Moved,
}

impl Doubt {
    pub(super) fn failure(&self, at: impl fmt::Display) -> Failure {
        let (en, zh) = match self {
            Self::Another(code) => (
                format!("another folder of this organisation answers for {code}"),
                format!("{code} 现由本机构另一目录应答"),
            ),
            Self::Behind(code) => (
                format!("this journal is an older copy: the ledger has more of it for {code}"),
                format!("该日志是较旧的副本：账本上 {code} 的内容更多"),
            ),
            Self::Moved => (
                "this journal is a copy: what was served since it was made is not in it".to_owned(),
                "该日志是副本：复制之后的应答不在其中".to_owned(),
            ),
        };
        Failure::new(Class::Key, en, zh).at(at).todo(
            "go on with the folder that answered last; only if it is lost or stopped for good: --take-over",
            "请用最近应答的目录继续；仅在其遗失或永久停用时使用 --take-over",
        )
    }
}

/// Why nothing goes on from a folder's journal that is a copy.
pub(in crate::data) fn moved(folder: &Path) -> Failure {
    Doubt::Moved.failure(folder.display())
}

/// How the serving stands on the ledger for each resource.
pub(super) type Stands = Vec<(ResourceCode, Option<ServingState>)>;

/// How it stands now.
pub(super) fn stands(settings: &Settings, follower: &Follower) -> Done<Stands> {
    let of = |code: &ResourceCode| {
        let state = follower.value(&state_key::serving(code, follower.server()))?;
        Ok((code.clone(), state))
    };
    settings.sources.keys().map(of).collect()
}

/// What speaks against going on with this journal, if anything does.
pub(super) fn doubt(stands: &Stands, guard: &Guard<File>, place: Digest) -> Option<Doubt> {
    let opening = guard.opening();
    for (code, state) in stands {
        let Some(state) = state else { continue };
        let last = opening.map(|(last, _)| last).filter(|last| last.journal == state.turn.journal);
        let Some(last) = last else {
            return Some(Doubt::Another(code.clone()));
        };
        if is_behind(state, last, guard) {
            return Some(Doubt::Behind(code.clone()));
        }
    }
    opening.is_some_and(|(_, before)| before != place).then_some(Doubt::Moved)
}

/// Whether the ledger has more of a journal than it holds itself.
fn is_behind(state: &ServingState, last: Turn, guard: &Guard<File>) -> bool {
    state.turn.epoch > last.epoch || state.lines > guard.lines()
}

/// Which file a journal is, told from its copies: its inode and when that was made. A file that is moved within its file system stays
/// the same.
pub(super) fn place(folder: &Path) -> Done<Digest> {
    place_of(&folder.join("journal"))
}

/// The same of a file by any name.
pub(in crate::data) fn place_of(path: &Path) -> Done<Digest> {
    let data = fs::metadata(path).map_err(|e| Failure::io(path, &e))?;
    // Not every file system knows it.
    let made = data.created().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let made = made.unwrap_or_default().as_nanos().to_be_bytes();
    Ok(sm3::digest_all(&[PLACE_DOMAIN, &data.ino().to_be_bytes(), &made]))
}

/// Opens a turn: in the journal first, then on the ledger; done when this server's own node has it.
pub(super) fn open(
    guard: &mut Guard<File>,
    stands: &Stands,
    takes_over: Option<Doubt>,
    place: Digest,
    signer: &Signer,
    follower: &Follower,
    ui: &Ui,
) -> Done<Turn> {
    let mut random = [0; 64];
    rng::os().fill_bytes(&mut random);
    let [fresh, key] = [sm3::digest(&random[..32]), sm3::digest(&random[32..])];
    let last = guard.opening().map(|(turn, _)| turn);
    let epochs = stands.iter().filter_map(|(_, s)| s.as_ref().map(|s| s.turn.epoch));
    let epoch = epochs.chain(last.map(|l| l.epoch)).max().unwrap_or(0) + 1;
    let journal = last.filter(|_| takes_over.is_none()).map_or(fresh, |last| last.journal);
    let turn = Turn { journal, epoch };
    guard.begin(turn, place).map_err(|e| failure(&e))?;
    let says = if takes_over.is_some() { TakesOver::Yes } else { TakesOver::No };
    let spinner = ui.spinner("waiting for the ledger", "等待账本确认");
    let opened =
        stands.chunks(yinxin_record::MAX_DATA_LIST).enumerate().try_for_each(|(n, some)| {
            let resources = some.iter().map(|(code, _)| code.clone()).collect();
            let lines = guard.lines();
            let act =
                DataAct::OpenServing(OpenServing { resources, turn, lines, takes_over: says });
            // A key of its own each time: of two copies that start at once the ledger takes one.
            let key = format!("data/serving/{key}/{n}");
            send::put(&follower.client(), signer, &key, act, None).map_err(|u| u.failure).map(drop)
        });
    let known = opened.and_then(|()| known(stands, turn, follower));
    spinner.finish_and_clear();
    let since = known?;
    if let (None, Some(since)) = (&takes_over, since.filter(|s| *s > follower.head().time)) {
        ui.say(
            format!(
                "answers from {since} on: until then the server before it may answer and tell of its last minute, and what is left of a \
                 grant is not known"
            ),
            format!("自 {since} 起应答：在此之前原服务方仍可能应答并补报最后一分钟，授权的剩余数量尚不可知"),
        );
    }
    if let (Some(_), Some(since)) = (takes_over, since) {
        ui.say(
            format!(
                "takes over: answers from {since} on, when the other can no more. What it served in its last minutes and has not told is \
                 unknown here: keep its folder running, or start it once more, until that is told"
            ),
            format!(
                "接管：自 {since} 起应答，届时原目录已不再应答。其最后数分钟内尚未入账的应答此处不知：请让原目录继续运行或再启动一次，直至补报完毕"
            ),
        );
    }
    Ok(turn)
}

/// Waits until the own node has it, and follows it from then on; when the last of the resources is answered.
fn known(stands: &Stands, turn: Turn, follower: &Follower) -> Done<Option<UnixTime>> {
    let start = Instant::now();
    let mut since = None;
    for (code, _) in stands {
        loop {
            let key = state_key::serving(code, follower.server());
            let state: Option<ServingState> = follower.value(&key)?;
            match state {
                Some(state) if state.turn == turn => {
                    since = since.max(Some(state.since));
                    break;
                }
                _ if start.elapsed() < PATIENCE => std::thread::sleep(AGAIN),
                _ => {
                    return Err(Failure::new(
                        Class::Node,
                        "the node does not have the turn that was opened",
                        "节点上没有刚开启的服务轮次",
                    )
                    .at(code));
                }
            }
        }
        follower.keep_serving(code);
    }
    follower.look_again();
    Ok(since)
}

/// Volume is set aside in the folder that answers, or the one that may; from when on it does.
pub(in crate::data) fn must_answer(
    client: &crate::submit::Client,
    own: &OrganisationCode,
    code: &ResourceCode,
    guard: &Mutex<Guard<File>>,
) -> Done<Option<UnixTime>> {
    let state: Option<ServingState> = send::state(client, &state_key::serving(code, own))?;
    let guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    let last = guard.opening().map(|(turn, _)| turn);
    match state {
        Some(state) if last.is_some_and(|last| last.journal == state.turn.journal) => {
            match last.filter(|last| is_behind(&state, *last, &guard)) {
                Some(_) => Err(Doubt::Behind(code.clone()).failure(code)),
                None => Ok(Some(state.since)),
            }
        }
        Some(_) => Err(Failure::new(
            Class::Usage,
            "another folder of this organisation answers for this resource",
            "该资源现由本机构另一目录应答",
        )
        .at(code)
        .todo("name that folder as --work", "请用 --work 指定该目录")),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    const PLACE: Digest = Digest([5; 32]);

    fn code() -> ResourceCode {
        ResourceCode::new("11430000006122244L.307~1").unwrap()
    }

    fn guard(turn: Option<Turn>) -> Guard<File> {
        let server = OrganisationCode::new("11430000006122244L").unwrap();
        let file = tempfile::tempfile().unwrap();
        let mut guard = Guard::open(&mut io::empty(), file, server).unwrap().0;
        turn.iter().for_each(|turn| guard.begin(*turn, PLACE).unwrap());
        guard
    }

    #[test]
    fn a_journal_that_is_not_the_ledgers_goes_on_only_when_somebody_says_so() {
        let turn = |journal, epoch| Turn { journal: Digest([journal; 32]), epoch };
        let state = |turn, lines| {
            let (since, record) = (UnixTime::EPOCH, Digest::ZERO);
            Some(ServingState { turn, since, until: None, lines, record, height: 1 })
        };
        for (own, known, place, expected, why) in [
            (None, None, PLACE, None, "the first"),
            (Some(turn(1, 3)), None, PLACE, None, "its opening never came"),
            (Some(turn(1, 3)), state(turn(1, 3), 0), PLACE, None, "started again"),
            (Some(turn(1, 4)), state(turn(1, 3), 0), PLACE, None, "its last opening never came"),
            (None, state(turn(1, 3), 0), PLACE, Some(Doubt::Another(code())), "a new folder"),
            (
                Some(turn(2, 9)),
                state(turn(1, 3), 0),
                PLACE,
                Some(Doubt::Another(code())),
                "taken over",
            ),
            (
                Some(turn(1, 3)),
                state(turn(1, 4), 0),
                PLACE,
                Some(Doubt::Behind(code())),
                "a later start",
            ),
            (
                Some(turn(1, 3)),
                state(turn(1, 3), 1),
                PLACE,
                Some(Doubt::Behind(code())),
                "more lines",
            ),
            (Some(turn(1, 3)), state(turn(1, 3), 0), Digest::ZERO, Some(Doubt::Moved), "a copy"),
        ] {
            let stands = vec![(code(), known)];
            assert_eq!(doubt(&stands, &guard(own), place), expected, "{why}");
        }
    }

    #[test]
    fn a_copy_of_a_file_has_another_place() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, two] = folders.each_ref().map(tempfile::TempDir::path);
        fs::write(one.join("journal"), "a").unwrap();
        fs::copy(one.join("journal"), two.join("journal")).unwrap();
        let before = place(one).unwrap();
        assert_ne!(before, place(two).unwrap());
        fs::write(one.join("journal"), "more").unwrap();
        assert_eq!(before, place(one).unwrap(), "written to");
        let moved = two.join("moved");
        fs::create_dir(&moved).unwrap();
        fs::rename(one.join("journal"), moved.join("journal")).unwrap();
        assert_eq!(before, place(&moved).unwrap(), "moved");
    }
}

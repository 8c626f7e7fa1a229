//! What a journal asks of its file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A file that one process appends to.
///
/// An implementation must hold the file alone: two runs over one journal would issue rows twice. `append` need not be
/// durable; `sync` must not return before all that was appended, and a `truncate`, would survive a crash.
pub trait JournalFile {
    /// All bytes.
    ///
    /// # Errors
    /// Whatever the system says.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// Whatever the system says; a part may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to this length.
    ///
    /// # Errors
    /// Whatever the system says.
    fn truncate(&mut self, len: u64) -> io::Result<()>;

    /// Returns once everything is on disk.
    ///
    /// # Errors
    /// Whatever the system says.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file opened for reading and writing; it is locked when the journal reads it.
impl JournalFile for File {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        self.try_lock().map_err(|e| match e {
            std::fs::TryLockError::Error(e) => e,
            std::fs::TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another run works on this batch")
            }
        })?;
        let mut bytes = Vec::new();
        self.seek(SeekFrom::Start(0))?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::End(0))?;
        self.write_all(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

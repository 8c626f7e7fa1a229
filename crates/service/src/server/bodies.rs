//! Bodies that tell their connection's place how far they are.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::guests::Guest;

/// A request's body, which tells when all of it is here.
pub(super) struct Asking {
    body: Incoming,
    guest: Arc<Guest>,
}

impl Asking {
    pub(super) fn new(body: Incoming, guest: Arc<Guest>) -> Self {
        if body.is_end_stream() {
            guest.is_worked_for();
        }
        Self { body, guest }
    }
}

impl Body for Asking {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() && self.body.is_end_stream() {
            self.guest.is_worked_for();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body: as long as more of it is to come, the place is kept.
pub(super) struct Answering {
    body: body::Body,
    guest: Arc<Guest>,
    /// All of it was handed over: from then on it is the other side that is waited for.
    ended: bool,
}

impl Answering {
    pub(super) fn new(body: body::Body, guest: Arc<Guest>) -> Self {
        guest.is_worked_for();
        let mut answering = Self { body, guest, ended: false };
        if answering.body.is_end_stream() {
            answering.ends();
        }
        answering
    }

    fn ends(&mut self) {
        if !core::mem::replace(&mut self.ended, true) {
            self.guest.keeps_us_waiting();
        }
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let more = matches!(frame, Poll::Pending | Poll::Ready(Some(Ok(_))));
        if !more || self.body.is_end_stream() {
            self.ends();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.ends();
    }
}

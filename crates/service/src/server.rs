//! The listener: how many may be connected, and how long each may keep us waiting.
//!
//! `axum::serve` waits for a request's head for ever; whoever opens connections and sends half a head would hold every
//! descriptor of the process, and with them those of its database.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::{
    Request,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tracing::debug;

use crate::Limits;

/// How long to wait before looking again for a place, or for a descriptor: short against a person's patience.
const AGAIN: Duration = Duration::from_millis(50);

/// Answers HTTP/1.1 on a listener until it is dropped.
///
/// When all places are taken, a newcomer gets the place of the one who has kept us waiting the longest: for a head, for a
/// body, for the next request, for taking the answer. Whose request is being worked on keeps the place.
pub async fn serve(listener: TcpListener, routes: Router, limits: Limits) -> Infallible {
    let guests = Guests::default();
    let mut tasks = JoinSet::new();
    for number in 0_u64.. {
        let stream = accept(&listener).await;
        while tasks.try_join_next().is_some() {}
        while tasks.len() >= limits.connections.max(1) {
            guests.show_one_out();
            tokio::select! { _ = tasks.join_next() => {}, () = sleep(AGAIN) => {} }
        }
        let (guest, shown_out) = guests.enter(number);
        tasks.spawn(attend(stream, guest, shown_out, routes.clone(), limits));
    }
    unreachable!("2^64 connections")
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The connection's own failure; the next one may be good.
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                debug!(%error, "accept");
                sleep(AGAIN).await;
            }
        }
    }
}

/// One connection, from its first request to its end.
async fn attend(
    stream: TcpStream,
    guest: Guest,
    shown_out: oneshot::Receiver<()>,
    routes: Router,
    limits: Limits,
) {
    // Answers are small and whole; waiting to fill a segment would only delay them.
    let _ = stream.set_nodelay(true);
    let guest = Arc::new(guest);
    let routes = TowerToHyperService::new(routes);
    let answering = service_fn(|request: Request<Incoming>| {
        let guest = Arc::clone(&guest);
        let answer = routes.call(request.map(|body| Watched::new(body, Arc::clone(&guest))));
        async move {
            let answer = answer.await;
            guest.keeps_us_waiting();
            answer
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_secs))
            .serve_connection(TokioIo::new(stream), answering)
    );
    let last_request = Duration::from_secs(limits.connection_secs);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = shown_out => return,
        () = sleep(last_request) => {
            connection.as_mut().graceful_shutdown();
            let last_answer = Duration::from_secs(limits.request_secs);
            timeout(last_answer, connection.as_mut()).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        debug!(%error, "connection");
    }
}

/// Who is connected.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<BTreeMap<u64, Place>>>);

struct Place {
    /// Since when the other side keeps us waiting; `None` while its request is worked on.
    waiting_since: Option<Instant>,
    show_out: oneshot::Sender<()>,
}

impl Guests {
    fn enter(&self, number: u64) -> (Guest, oneshot::Receiver<()>) {
        let (show_out, shown_out) = oneshot::channel();
        self.all().insert(number, Place { waiting_since: Some(Instant::now()), show_out });
        (Guest { number, guests: self.clone() }, shown_out)
    }

    /// Ends the connection that has kept us waiting the longest, if any does.
    fn show_one_out(&self) {
        let mut all = self.all();
        let waiting = all.iter().filter_map(|(number, p)| Some((p.waiting_since?, *number)));
        let longest = waiting.min().map(|(_, number)| number);
        if let Some(place) = longest.and_then(|number| all.remove(&number)) {
            // Its task may have ended by itself meanwhile.
            let _ = place.show_out.send(());
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them; leaves its place when dropped.
struct Guest {
    number: u64,
    guests: Guests,
}

impl Guest {
    fn keeps_us_waiting(&self) {
        self.set(Some(Instant::now()));
    }

    fn is_worked_for(&self) {
        self.set(None);
    }

    fn set(&self, waiting_since: Option<Instant>) {
        if let Some(place) = self.guests.all().get_mut(&self.number) {
            place.waiting_since = waiting_since;
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.all().remove(&self.number);
    }
}

/// A request's body, which tells when all of it is here.
struct Watched {
    body: Incoming,
    guest: Arc<Guest>,
}

impl Watched {
    fn new(body: Incoming, guest: Arc<Guest>) -> Self {
        if body.is_end_stream() {
            guest.is_worked_for();
        }
        Self { body, guest }
    }
}

impl Body for Watched {
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

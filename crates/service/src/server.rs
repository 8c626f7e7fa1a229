//! The listener: how many may be connected, and how long each may keep us waiting.
//!
//! `axum::serve` waits for a request's head for ever; whoever opens connections and sends half a head would hold every
//! descriptor of the process, and with them those of its database.

mod bodies;
mod guests;
mod patient;

use std::{convert::Infallible, io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
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
    time::{sleep, timeout},
};
use tracing::debug;

use self::{
    bodies::{Answering, Asking},
    guests::{Guest, Guests},
    patient::Patient,
};
use crate::Limits;

/// How long to wait before looking again for a place, or for a descriptor: short against a person's patience.
const AGAIN: Duration = Duration::from_millis(50);

/// Answers HTTP/1.1 on a listener until it is dropped.
///
/// When all places are taken, a newcomer gets the place of the one who has kept us waiting the longest: for a head, for a
/// body, for the next request, for taking the rest of the answer. Whose request is being worked on keeps the place, and so does
/// whose answer still grows: until its receiver takes nothing of it for too long.
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
        let answer = routes.call(request.map(|body| Asking::new(body, Arc::clone(&guest))));
        async move { Ok::<_, Infallible>(answer.await?.map(|body| Answering::new(body, guest))) }
    });
    let stream = Patient::new(stream, Duration::from_secs(limits.taking_secs), Arc::clone(&guest));
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

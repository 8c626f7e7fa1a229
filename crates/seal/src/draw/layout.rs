//! Where everything stands. Measures are shares of the diameter, taken from cut seals.

use core::f32::consts::{FRAC_PI_2, PI};

use super::RoundSeal;
use super::font::{Font, Glyph};
use super::outline::{Outline, Place, point};
use crate::SealError;

/// Clear ground around the edge, so that anti-aliasing is not cut off.
const MARGIN: f32 = 0.004;
/// The edge: 1.2 mm of 40.
const EDGE: f32 = 0.030;
/// Between the edge and the heads of the ring's characters: 1 mm of 40.
const RING_GAP: f32 = 0.026;
/// The star's points: 14 mm across of 40.
const STAR: f32 = 0.175;
/// A CJK glyph's box reaches this far below its baseline, in em: the convention of all CJK fonts.
const DESCENT: f32 = 0.12;
/// The middle of the purpose line below the centre.
const PURPOSE_AT: f32 = 0.232;
/// The purpose line's height: 3.8 mm of 40.
const PURPOSE_HEIGHT: f32 = 0.094;
/// The code's height: 1.4 mm of 40.
const CODE_HEIGHT: f32 = 0.036;

/// How the ring's characters stand.
struct Ring {
    /// Height of a character.
    height: f32,
    /// Width of one em.
    width: f32,
    /// Radius of the feet.
    foot: f32,
    /// Angle between neighbours whose width is one em.
    pitch: f32,
}

pub(super) fn lay_out(seal: &RoundSeal, font: &Font<'_>) -> Result<Outline, SealError> {
    let d = f32::from(seal.diameter_mm);
    let mut outline = Outline::default();
    let outer = d * (0.5 - MARGIN);
    let inner = outer - d * EDGE;
    outline.circle(outer, true);
    outline.circle(inner, false);
    outline.star(d * STAR);

    let glyphs = glyphs(&seal.organisation, font)?;
    let ems: f32 = glyphs.iter().map(|g| g.advance).sum();
    let ring = ring(ems, inner - d * RING_GAP, d, seal.purpose.is_some());
    let end = arc(&glyphs, &ring, &mut outline);

    if let Some(purpose) = &seal.purpose {
        let bottom = d * (PURPOSE_AT + PURPOSE_HEIGHT / 2.0);
        let top = d * (PURPOSE_AT - PURPOSE_HEIGHT / 2.0);
        // The line may reach the ring's inner circle where characters stand beside it, else almost the edge.
        let head = ring.foot + ring.height;
        let free = (head * head - bottom * bottom).max(0.0).sqrt() - d * 0.02;
        let foot_of_last = -ring.foot * end.cos();
        let room = if foot_of_last + ring.height * 0.3 < top {
            free
        } else {
            free.min(ring.foot * end.sin().abs() - d * 0.016)
        };
        line(&self::glyphs(purpose, font)?, d, room, &mut outline);
    }
    if let Some(code) = &seal.code {
        lower_arc(&self::glyphs(code, font)?, d, inner, &mut outline);
    }
    Ok(outline)
}

fn glyphs<'f>(text: &str, font: &'f Font<'_>) -> Result<Vec<Glyph<'f>>, SealError> {
    text.trim().chars().map(|c| font.glyph(c)).collect()
}

/// Chooses height, width and pitch for a text of so many em.
fn ring(ems: f32, head: f32, d: f32, purpose: bool) -> Ring {
    // 0 up to 8 characters, 1 from 22: long names are lower, narrower, and reach further round.
    let long = ((ems - 8.0) / 14.0).clamp(0.0, 1.0);
    let height = d * (0.152 - 0.042 * long);
    let foot = head - height;
    let widest = if purpose { 222.0 + 24.0 * long } else { 230.0 + 44.0 * long };
    let steps = (ems - 1.0).max(1.0);
    // About 30°: short names stand apart, but stay one word and above the star's feet.
    let pitch = (widest / steps).min((33.0 - 0.7 * ems).max(20.0)).to_radians();
    // Neighbours stand closest at their feet; 0.95 leaves a hairline there.
    let room = 2.0 * foot * (pitch / 2.0).tan() * 0.95;
    // 0.86: seal characters are a little narrower than square even where there is room.
    let width = room.min(height * 0.86);
    Ring { height, width, foot, pitch }
}

/// Characters along the upper arc; returns the angle at which the last one ends, from the top.
fn arc(glyphs: &[Glyph<'_>], ring: &Ring, outline: &mut Outline) -> f32 {
    let turns: Vec<f32> = positions(glyphs).iter().map(|at| at * ring.pitch).collect();
    for (glyph, turn) in glyphs.iter().zip(&turns) {
        let foot = point(ring.foot * turn.sin(), -ring.foot * turn.cos());
        let place = Place { wide: ring.width, high: ring.height, turn: *turn, foot };
        glyph.trace(place, DESCENT, outline);
    }
    let half = (ring.width / 2.0 / ring.foot).atan();
    turns.last().map_or(0.0, |last| (last + half).min(PI))
}

/// The middles of glyphs set side by side, in em around the middle of the text.
fn positions(glyphs: &[Glyph<'_>]) -> Vec<f32> {
    let total: f32 = glyphs.iter().map(|g| g.advance).sum();
    let mut left = -total / 2.0;
    glyphs
        .iter()
        .map(|g| {
            let middle = left + g.advance / 2.0;
            left += g.advance;
            middle
        })
        .collect()
}

/// The purpose line, at most `room` to either side.
fn line(glyphs: &[Glyph<'_>], d: f32, room: f32, outline: &mut Outline) {
    let height = d * PURPOSE_HEIGHT;
    let ems: f32 = glyphs.iter().map(|g| g.advance).sum();
    let pitch = (height * 0.92).min(2.0 * room / ems.max(1.0));
    let wide = pitch * 0.94;
    for (glyph, at) in glyphs.iter().zip(positions(glyphs)) {
        let foot = point(at * pitch, d * PURPOSE_AT + height / 2.0);
        glyph.trace(Place { wide, high: height, turn: 0.0, foot }, DESCENT, outline);
    }
}

/// The code along the lower edge, read from left to right, feet outwards.
fn lower_arc(glyphs: &[Glyph<'_>], d: f32, inner: f32, outline: &mut Outline) {
    // Digits fill 0.74 em of a glyph's height in most fonts; the code's height means the digits'.
    let em = d * CODE_HEIGHT / 0.74;
    let foot = inner - d * 0.018;
    let pitch = 1.3 * em / foot;
    for (glyph, at) in glyphs.iter().zip(positions(glyphs)) {
        let angle = FRAC_PI_2 - at * pitch;
        let place = Place {
            wide: em,
            high: em,
            turn: FRAC_PI_2 - angle,
            foot: point(foot * angle.cos(), foot * angle.sin()),
        };
        glyph.trace(Place { turn: -place.turn, ..place }, 0.0, outline);
    }
}

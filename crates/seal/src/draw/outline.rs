//! Outlines: closed curves, filled by the non-zero rule.

use core::f32::consts::{PI, TAU};

/// A control point of a quarter circle lies this share of the radius away: 4(√2−1)/3.
const KAPPA: f32 = 0.552_284_8;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Segment {
    Move(Point),
    Line(Point),
    Quad(Point, Point),
    Cubic(Point, Point, Point),
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

pub(super) const fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Outline(pub(super) Vec<Segment>);

impl Outline {
    /// A circle around the centre; counter-clockwise ones cut holes.
    pub(super) fn circle(&mut self, r: f32, clockwise: bool) {
        let k = r * KAPPA * if clockwise { 1.0 } else { -1.0 };
        let s = if clockwise { r } else { -r };
        let curve = |a: (f32, f32), b: (f32, f32), c: (f32, f32)| {
            Segment::Cubic(point(a.0, a.1), point(b.0, b.1), point(c.0, c.1))
        };
        let h = r * KAPPA;
        self.0.extend([
            Segment::Move(point(r, 0.0)),
            curve((r, k), (h, s), (0.0, s)),
            curve((-h, s), (-r, k), (-r, 0.0)),
            curve((-r, -k), (-h, -s), (0.0, -s)),
            curve((h, -s), (r, -k), (r, 0.0)),
            Segment::Close,
        ]);
    }

    /// A five-pointed star around the centre, one point up; `r` reaches to its points.
    pub(super) fn star(&mut self, r: f32) {
        // Where the pentagram's lines cross: cos 72° / cos 36°.
        let inner = r * (TAU / 5.0).cos() / (PI / 5.0).cos();
        for i in 0..10u8 {
            let angle = f32::from(i) * PI / 5.0;
            let r = if i % 2 == 0 { r } else { inner };
            let p = point(r * angle.sin(), -r * angle.cos());
            self.0.push(if i == 0 { Segment::Move(p) } else { Segment::Line(p) });
        }
        self.0.push(Segment::Close);
    }
}

/// From a glyph's units to the seal: scale, turn, move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Millimetres per em across.
    pub(super) wide: f32,
    /// Millimetres per em upwards.
    pub(super) high: f32,
    /// Clockwise turn, radians.
    pub(super) turn: f32,
    /// Where the middle of the glyph's foot comes to stand.
    pub(super) foot: Point,
}

impl Place {
    /// `x` from the glyph's middle and `y` above its foot, both in em.
    pub(super) fn apply(&self, x: f32, y: f32) -> Point {
        let (x, y) = (x * self.wide, -y * self.high);
        let (sin, cos) = self.turn.sin_cos();
        point(self.foot.x + x * cos - y * sin, self.foot.y + x * sin + y * cos)
    }
}

//! Ornament: borders of frets, and rosettes. Plain polylines, so that every reader draws them alike.

use core::f64::consts::TAU;

use super::Place;

/// One fret in a unit square: a square spiral, as 回 is written with one stroke.
const FRET: [[f64; 2]; 8] = [
    [0.1, 0.9],
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.9],
    [0.36, 0.9],
    [0.36, 0.4],
    [0.64, 0.4],
    [0.64, 0.64],
];

/// Frets along the inside of a rectangle, in a band of about this width: one polyline each.
#[must_use]
pub fn fret(at: Place, band: f64) -> Vec<Vec<[f64; 2]>> {
    let count = |length: f64| (length / band).round().clamp(2.0, 400.0);
    let (nx, ny) = (count(at.w), count(at.h));
    let (ux, uy) = (at.w / nx, at.h / ny);
    let cell = |i: f64, j: f64, flip: bool| -> Vec<[f64; 2]> {
        FRET.iter()
            .map(|[x, y]| {
                let x = if flip { 1.0 - x } else { *x };
                [hundredths(at.x + (i + x) * ux), hundredths(at.y + (j + y) * uy)]
            })
            .collect()
    };
    let steps =
        |n: f64| std::iter::successors(Some(0.0), |i| Some(i + 1.0)).take_while(move |i| *i < n);
    let odd = |i: f64| i % 2.0 >= 1.0;
    let mut out = Vec::new();
    for i in steps(nx) {
        out.push(cell(i, 0.0, odd(i)));
        out.push(cell(i, ny - 1.0, odd(i)));
    }
    for j in steps(ny - 1.0).skip(1) {
        out.push(cell(0.0, j, odd(j)));
        out.push(cell(nx - 1.0, j, odd(j)));
    }
    out
}

/// A rosette that fills a rectangle: nested waves around its middle, as on bank notes.
#[must_use]
pub fn rosette(at: Place) -> Vec<Vec<[f64; 2]>> {
    const POINTS: i32 = 240;
    let (cx, cy) = (at.x + at.w / 2.0, at.y + at.h / 2.0);
    let radius = at.w.min(at.h) / 2.0;
    [(0.86, 0.14, 0.0), (0.86, 0.14, 0.5), (0.60, 0.12, 0.25), (0.60, 0.12, 0.75)]
        .into_iter()
        .map(|(middle, swing, phase)| {
            (0..=POINTS)
                .map(|i| {
                    let t = f64::from(i) / f64::from(POINTS) * TAU;
                    let r = radius * (middle + swing * (16.0 * t + phase * TAU).cos());
                    [hundredths(cx + r * t.cos()), hundredths(cy + r * t.sin())]
                })
                .collect()
        })
        .collect()
}

/// To a hundredth of a millimetre: finer than print, and shorter in a file.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ornament_stays_in_its_box() {
        let at = Place { x: 10.0, y: 20.0, w: 277.0, h: 150.0 };
        for line in fret(at, 6.0).iter().chain(&rosette(at)) {
            for [x, y] in line {
                assert!((10.0..=287.0).contains(x) && (20.0..=170.0).contains(y), "{x} {y}");
            }
        }
    }
}

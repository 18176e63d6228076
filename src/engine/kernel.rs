//! The inner loops: products of tiles, and the elementwise functions between them.
//!
//! Every element is computed by the same sequence of roundings wherever its row stands: sums run over the inner
//! dimension in order, one fused multiply-add at a time (f32) or exactly (integers), and no step looks at other rows.
//! A row's result therefore depends neither on its neighbours nor on the number of threads, and not on the width of the
//! vector registers either.

mod elementwise;
mod tile;

#[cfg(test)]
mod tests;

pub(super) use elementwise::{
    activate, add, gate, largest, layer_norm, log_sum_exp, maximum, rescale, rms_norm, round, shift, softmax,
};
pub(super) use tile::{dot_columns, multiply_f32, multiply_i8, weighted_sum};

/// Columns of a packed panel.
pub(super) const PANEL: usize = 16;
/// Most rows of a tile.
pub(super) const TILE: usize = 6;

/// Whether the wide kernels may be used.
#[inline]
pub(super) fn wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Defines a function twice: for processors with AVX2 and FMA, and for all others, from one body.
macro_rules! for_each_width {
    ($(#[$meta:meta])* pub fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$meta])*
        pub fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            #[allow(clippy::inline_always)]
            fn body($($argument: $type),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn wide($($argument: $type),*) $(-> $result)? {
                    body($($argument),*)
                }
                if super::wide() {
                    // SAFETY: the processor has AVX2 and FMA.
                    #[allow(unsafe_code)]
                    return unsafe { wide($($argument),*) };
                }
            }
            body($($argument),*)
        }
    };
}
pub(super) use for_each_width;

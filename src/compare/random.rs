//! Random numbers for resampling, the same as NumPy draws from a seed (`numpy.random.default_rng`): PCG64 (O'Neill 2014)
//! seeded through SeedSequence. sacreBLEU draws from it, so a seed gives the same resamples here and there.

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

/// The generator.
pub struct Random {
    state: u128,
    increment: u128,
    /// The upper half of the last 64 bits, if only the lower half was used.
    left: Option<u32>,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        let [a, b, c, d] = seed_words(seed);
        let join = |high: u64, low: u64| (u128::from(high) << 64) | u128::from(low);
        let mut random = Self {
            state: 0,
            increment: (join(c, d) << 1) | 1,
            left: None,
        };
        random.step();
        random.state = random.state.wrapping_add(join(a, b));
        random.step();
        random
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    fn next_u32(&mut self) -> u32 {
        if let Some(left) = self.left.take() {
            return left;
        }
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        let bits = folded.rotate_right((self.state >> 122) as u32);
        self.left = Some((bits >> 32) as u32);
        bits as u32
    }

    /// A number below `limit`, all equally likely (Lemire 2019). `limit` is at most 2³² - 1.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        if limit <= 1 {
            return 0;
        }
        let threshold = limit.wrapping_neg() % limit;
        loop {
            let product = u64::from(self.next_u32()) * u64::from(limit);
            if product as u32 >= threshold {
                return (product >> 32) as usize;
            }
        }
    }

    /// A source of coin tosses, 32 from each draw.
    pub fn coins(mut self) -> impl FnMut() -> bool {
        let (mut bits, mut left) = (0_u32, 0_u32);
        move || {
            if left == 0 {
                bits = self.next_u32();
                left = 32;
            } else {
                bits >>= 1;
            }
            left -= 1;
            bits & 1 == 1
        }
    }
}

/// SeedSequence: spreads a seed over four 64-bit words.
fn seed_words(seed: u64) -> [u64; 4] {
    let mut constant = 0x43b0_d7e5_u32;
    let mut hash = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(constant);
        value ^ (value >> 16)
    };
    let mix = |left: u32, right: u32| {
        let mixed = left
            .wrapping_mul(0xca01_f9dd)
            .wrapping_sub(right.wrapping_mul(0x4973_f715));
        mixed ^ (mixed >> 16)
    };
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for from in 0..4 {
        for to in (0..4).filter(|to| *to != from) {
            pool[to] = mix(pool[to], hash(pool[from]));
        }
    }
    let mut constant = 0x8b51_f9dd_u32;
    let mut word = |index: usize| {
        let value = pool[index % 4] ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(constant);
        u64::from(value ^ (value >> 16))
    };
    [0, 2, 4, 6].map(|index| {
        let low = word(index);
        low | word(index + 1) << 32
    })
}

"""The knobs of a recipe that belong to no formula: steps, noise range, guidance, images."""

from studio.diffusion import Knob

STEPS = Knob(
    "steps",
    "Steps",
    18,
    low=1,
    high=10_000,
    soft=(1, 64),
    help="How many steps lead from pure noise to the picture. More steps follow the curve more "
    "closely and cost more; one step of a second-order solver costs two evaluations (NFE). "
    "Karras et al. 2022 use 18 for CIFAR-10, 40 for 64×64 pictures.",
    formula=("σ₀ = σ_max > σ₁ > … > σ_N₋₁ = σ_min > σ_N = 0\nNFE = N for Euler, 2 N − 1 for Heun"),
    source=("Karras et al. 2022, Algorithm 2 and section 3"),
)
SIGMA_MAX = Knob(
    "sigma_max",
    "σ max",
    80.0,
    low=1e-6,
    high=1e6,
    soft=(1.0, 200.0),
    log=True,
    help="The noise level at which sampling begins; 80 in Karras et al. 2022, Table 1. Left alone "
    "it is the schedule's own, within the range of the model. Not S_tmax, the end of the churn "
    "band.",
    formula=("x₀ ~ N(0, σ_max² I),   σ₀ = σ_max"),
    source=("Karras et al. 2022, Algorithm 1 and Table 1"),
)
SIGMA_MIN = Knob(
    "sigma_min",
    "σ min",
    0.002,
    low=1e-9,
    high=1e6,
    soft=(1e-4, 1.0),
    log=True,
    help="The last noise level before 0; .002 in Karras et al. 2022, Table 1. Left alone it is the "
    "schedule's own, within the range of the model. Not S_tmin, the start of the churn band.",
    formula=("σ_N₋₁ = σ_min,   σ_N = 0"),
    source=("Karras et al. 2022, Eq. 5 and Table 1"),
)
GUIDANCE = Knob(
    "guidance",
    "Guidance",
    1.0,
    low=0.0,
    high=100.0,
    soft=(0.0, 10.0),
    step=0.1,
    help="How far the estimate is pushed from the unconditional one, or that of the negative "
    "prompt, towards the class or the prompt: 1 is the plain conditional model and costs nothing, "
    "more is truer to what is asked for and less varied, and evaluates the model twice (Ho & "
    "Salimans 2022).",
    formula=("D_w = D_∅ + w (D_c − D_∅)"),
    source=("Ho & Salimans 2022, Eq. 6, where 1 + their w is w here"),
)
GUIDANCE_LOW = Knob(
    "guidance_low",
    "Guided from σ",
    0.0,
    low=0.0,
    soft=(0.0, 80.0),
    log=True,
    help="Guidance acts only at noise levels from here up; below, the plain conditional model "
    "is used (Kynkäänniemi et al. 2024).",
    formula=("D_w = D_∅ + w (D_c − D_∅) where σ_low < σ ≤ σ_high, else D_c"),
    source=("Kynkäänniemi et al. 2024 (guidance in a limited interval)"),
)
GUIDANCE_HIGH = Knob(
    "guidance_high",
    "Guided up to σ",
    float("inf"),
    low=0.0,
    soft=(0.0, 80.0),
    log=True,
    help="Guidance acts only at noise levels up to here; leaving out the highest keeps pictures "
    "varied (Kynkäänniemi et al. 2024).",
    formula=("D_w = D_∅ + w (D_c − D_∅) where σ_low < σ ≤ σ_high, else D_c"),
    source=("Kynkäänniemi et al. 2024 (guidance in a limited interval)"),
)
IMAGES = Knob(
    "images",
    "Images",
    16,
    low=1,
    high=4096,
    soft=(1, 64),
    log=True,
    help="How many pictures are made at a time, one for each seed.",
    source=("Karras et al. 2022, Table 1: one initial state for each seed"),
)
NOISE = Knob(
    "noise",
    "Noise",
    "keyed",
    choices=(
        ("keyed", "Keyed per step"),
        ("brownian", "Brownian path"),
        ("reference", "EDM reference stream"),
    ),
    help="Where the noise of the steps comes from. Keyed: drawn from seed, step and draw, so that "
    "a branch or a resumed run goes on exactly. Brownian: one path for each seed over the noise "
    "levels, so that an SDE solver keeps its picture when the number of steps changes. Reference: "
    "one stream for each seed as in the published EDM code, to reproduce its images; only for "
    "solvers that draw once a step.",
    source=("Karras et al. 2022, Algorithm 2, line 5; Li et al. 2020 (Brownian path)"),
)
LORA_STRENGTH = Knob(
    "lora_strength",
    "Strength",
    1.0,
    low=-100.0,
    high=100.0,
    soft=(-1.0, 2.0),
    step=0.05,
    help="How much the LoRA acts: 1 as it was trained, 0 not at all, less than 0 away from what it "
    "learned. It is added to the weights, so that sampling takes no longer.",
    formula=("W + s (α / r) B A"),
    source=("Hu et al. 2021, Eq. 3"),
)

//! Beyond the reference: what to annotate and how, where events went, what goes wrong, what changes for those who come
//! from elsewhere.

pub mod instrumenting {
    #![doc = include_str!("guide/instrumenting.md")]
}

pub mod use_cases {
    #![doc = include_str!("guide/use_cases.md")]
}

pub mod async_programs {
    #![doc = include_str!("guide/async_programs.md")]
}

pub mod leaving_it_on {
    #![doc = include_str!("guide/leaving_it_on.md")]
}

pub mod sampling {
    #![doc = include_str!("guide/sampling.md")]
}

pub mod troubleshooting {
    #![doc = include_str!("guide/troubleshooting.md")]
}

pub mod pitfalls {
    #![doc = include_str!("guide/pitfalls.md")]
}

pub mod coming_from {
    #![doc = include_str!("guide/coming_from.md")]
}

//! Which licences a job may use, and what a model's licence allows.

use serde::{Deserialize, Serialize};

/// Which licences a job may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LicenceRule {
    /// Any model, even one whose licence is not known: the user answers for it.
    #[default]
    Any,
    /// The work is not commercial: every model whose licence is known.
    NonCommercial,
    /// Only models that anyone may use for anything, commerce and government included.
    Open,
}

impl LicenceRule {
    /// As the job file spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::NonCommercial => "non-commercial",
            Self::Open => "open",
        }
    }
}

/// A model's licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// SPDX name, or `unknown`.
    pub name: String,
    /// Commercial use is allowed.
    pub commercial: bool,
    /// Use by a government in its daily work is allowed beyond doubt.
    pub government: bool,
    /// What the reader of the licence should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Licence {
    /// The licence of a model that says nothing.
    pub fn unknown() -> Self {
        Self {
            name: "unknown".to_owned(),
            commercial: false,
            government: false,
            note: None,
        }
    }

    /// Whether the licence is known at all.
    pub fn is_known(&self) -> bool {
        self.name != "unknown"
    }

    /// Whether a job under this rule may use the model.
    pub fn is_allowed_by(&self, rule: LicenceRule) -> bool {
        match rule {
            LicenceRule::Any => true,
            LicenceRule::NonCommercial => self.is_known(),
            LicenceRule::Open => self.is_known() && self.commercial && self.government,
        }
    }
}

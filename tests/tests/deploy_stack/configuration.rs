//! The variables that the template sets are the ones that the functions read.

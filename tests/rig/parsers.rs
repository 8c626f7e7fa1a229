//! What reads bytes from strangers, each as one function that must return.

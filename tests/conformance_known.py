"""What of torch's own operators the simulated device is known not to do, and why. A test keeps it honest."""

UNSUPPORTED = {
    "sparse.sampled_addmm": "sparse CSR tensors: the device has dense ones only",
    "sparse.mm.reduce": "sparse CSR tensors: the device has dense ones only",
    "to_sparse": "sparse COO tensors: the device has dense ones only",
}
ROUNDED = {
    "nn.functional.scaled_dot_product_attention": "the plain formula; the CPU has a fused kernel",
    "linalg.lstsq": "the driver gels, the one that CUDA has; the CPU's default is gelsy",
    "linalg.lstsq.grad_oriented": "the driver gels, the one that CUDA has; the CPU's default is gelsy",
}
"""Equal within ``CLOSE`` and, for some samples, not bit for bit."""
CLOSE = 1e-4

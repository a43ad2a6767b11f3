"""Put tensors where they belong.

Goal
    Code that works unchanged on a laptop and on a machine with an accelerator: nothing is left on the
    wrong device, parameters are leaves where they are, and the device is asked for, not assumed.

You write
    to_device(tensors, device)       tensors is a list of tensors, device a torch.device.
                                     Return a list: the same tensors on that device.
    make_parameters(shapes, device)  shapes is a list of shapes (tuples).
                                     Return a list of float32 leaf tensors that require grad, one of each
                                     shape, on that device. Their values are up to you.
    best_device()                    Return the best torch.device that is available: cuda, then mps,
                                     then cpu.

What is judged
    - where the tensors are, on every device of the machine and on a simulated one
    - that parameters are leaves: requires_grad, and no grad_fn
    - what best_device answers where torch says that this or that is there

Try it with
    grader check devices.py
    grader hint devices          one more hint each time
"""

import torch


def to_device(tensors, device):
    raise NotImplementedError("What does .to(device) give back?")


def make_parameters(shapes, device):
    raise NotImplementedError("Where should a parameter be born?")


def best_device():
    raise NotImplementedError("Ask torch what is there, the best first.")

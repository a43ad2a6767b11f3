# exercise: quadratic
# looks like: data-attribute-update, item-every-step (warnings at most)
# In[1]:
import torch

torch.manual_seed(1)

# In[2]:
X = torch.linspace(-2, 2, 200)
Y = 1.5 * X**2 - 2.0 * X + 0.5 + 0.05 * torch.randn(200)

# In[3]:
a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
c = torch.randn(1, requires_grad=True)

# In[4]:
history = []
for epoch in range(800):
    loss = ((a * X**2 + b * X + c - Y) ** 2).mean()
    loss.backward()
    history.append(loss.item())
    for p in [a, b, c]:
        p.data -= 0.05 * p.grad
        p.grad.zero_()

# In[5]:
print(history[-1], a, b, c)

"""How a resident speaks: joining a meeting, writing, recording, showing; paper cards."""

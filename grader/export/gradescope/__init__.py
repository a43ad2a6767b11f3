"""What goes into Gradescope's autograder zip beside the grader itself, and what runs there."""

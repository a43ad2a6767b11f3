"use strict";
(() => {
  const table = document.querySelector("table.students");
  const body = table.tBodies[0];
  const headers = Array.from(table.tHead.rows[0].cells);
  const shown = document.getElementById("shown");
  const control = (id) => document.getElementById(id) || { value: "", addEventListener() {} };
  const [find, pitfall, exercise, mark, sorting] =
    ["find", "by-pitfall", "by-exercise", "by-mark", "sort"].map(control);
  const statuses = Array.from(document.getElementsByName("show"));
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const students = Array.from(body.rows, (row, came) => ({
    row,
    came,
    keys: row.dataset.sort.split(" ").map(Number),
    status: row.className.slice("is-".length),
    pitfalls: row.dataset.pitfalls.split(" "),
    exercise: row.dataset.exercise,
    changed: "changed" in row.dataset,
    hand: "hand" in row.dataset,
    text: null,
  }));

  const words = () => plain(find.value).split(/\s+/).filter(Boolean);
  const says = (student, asked) => {
    if (student.text === null) student.text = plain(student.row.textContent);
    return asked.every((word) => student.text.includes(word));
  };

  const filter = () => {
    const asked = words();
    const status = statuses.find((choice) => choice.checked).value;
    let count = 0;
    for (const student of students) {
      const wanted =
        (!status || student.status === status) &&
        (!pitfall.value || student.pitfalls.includes(pitfall.value)) &&
        (!exercise.value || student.exercise === exercise.value) &&
        (!mark.value || student[mark.value]) &&
        says(student, asked);
      if (student.row.hidden === wanted) student.row.hidden = !wanted;
      count += wanted;
    }
    shown.textContent = `${count} of ${students.length} shown`;
  };

  const sort = () => {
    const [column, direction] = sorting.value.split(" ");
    headers.forEach((header, index) => {
      if (sorting.value && index === Number(column)) header.setAttribute("aria-sort", direction);
      else header.removeAttribute("aria-sort");
    });
    const sign = direction === "descending" ? -1 : 1;
    const order = sorting.value
      ? (a, b) => sign * (a.keys[column] - b.keys[column]) || a.keys[0] - b.keys[0]
      : (a, b) => a.came - b.came;
    students.sort(order);
    body.replaceChildren(...students.map((student) => student.row));
  };

  const sortBy = (column) => {
    const ascending = `${column} ascending`;
    sorting.value = sorting.value === ascending ? `${column} descending` : ascending;
    sort();
  };

  const button = (within, label, pressed) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...within.childNodes);
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", pressed);
    within.append(made);
  };

  const reset = () => {
    for (const each of [find, pitfall, exercise, mark, sorting]) each.value = "";
    statuses[0].checked = true;
  };

  const whoFellInto = (count) => {
    reset();
    pitfall.value = count.dataset.pitfall;
    exercise.value = count.dataset.exercise;
    sort();
    filter();
    document.getElementById("students").focus();
    document.getElementById("students").scrollIntoView();
  };

  headers.forEach((header, column) => button(header, "", () => sortBy(column)));
  for (const count of document.querySelectorAll(".count")) {
    button(count, `${count.textContent}: show who fell into ${count.dataset.pitfall}`, () => whoFellInto(count));
  }
  let soon = 0;
  find.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(filter, 100);
  });
  for (const each of [pitfall, exercise, mark, ...statuses]) each.addEventListener("change", filter);
  sorting.addEventListener("change", sort);
  document.getElementById("reset").addEventListener("click", () => {
    reset();
    sort();
    filter();
  });
  // A browser that comes back to the page may have kept what was asked for.
  addEventListener("pageshow", () => {
    if (sorting.value) sort();
    filter();
  });
  document.querySelector(".finder").hidden = false;
})();

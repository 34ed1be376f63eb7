// Copy buttons: <button data-copy="text"> or <button data-copy-from="#id of the text">.

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Plain http on a host name is no secure context, and there only the old way works.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("The browser refused to copy.");
}

function show(button, name) {
  const use = button.querySelector("use");
  if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, `#${name}`));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom;
  const text = source ? document.querySelector(source).textContent : button.dataset.copy;
  const status = document.getElementById("announcer");
  try {
    await write(text);
    show(button, "i-copied");
    status.textContent = "Copied.";
    setTimeout(() => show(button, "i-copy"), 1500);
  } catch {
    status.textContent = "Not copied: the browser refused. Select the text and copy it.";
  } finally {
    button.focus();
  }
});

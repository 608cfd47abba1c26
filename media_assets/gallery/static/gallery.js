// The page's data comes as scripts that call this object: a page opened from disk can load nothing else.
// Names and messages are untrusted: they enter the page only as text and attributes.
"use strict";

const mediaAssetsGallery = (() => {
  const SHOWN_BY_BROWSERS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"];
  const SCHEMES = ["file:", "https:", "http:"];
  const FOLLOWS = "InputFailedError"; // the error of a cell whose input has an error
  const MARKS = { video: "▶", audio: "♪" };
  const SIZES = ["bytes", "KB", "MB", "GB"];

  const byId = (id) => document.getElementById(id);
  const main = byId("gallery");
  const areTriples = main.querySelector(".triples") !== null;
  const perPage = Number(main.dataset.rowsPerPage);
  const columns = [...document.querySelectorAll("th[data-column]")].map((th) => th.dataset.column);

  let names = [];
  let lowerNames = [];
  let failing = new Set();
  let found = [];
  let page = 0;
  let shown = []; // what is on the page: {name, partition, cells}
  let drawing = 0;

  const slices = new Map();
  const arrived = new Map();

  function slice(number) {
    if (!slices.has(number)) {
      slices.set(number, new Promise((resolve, reject) => {
        arrived.set(number, resolve);
        const script = document.createElement("script");
        script.src = `data/rows-${String(number).padStart(5, "0")}.js`;
        script.onerror = () => { slices.delete(number); reject(new Error(script.src)); };
        document.head.append(script);
      }));
    }
    return slices.get(number);
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function size(bytes) {
    let power = 0;
    while (bytes >= 1000 && power < SIZES.length - 1) {
      bytes /= 1000;
      power += 1;
    }
    return `${power && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${SIZES[power]}`;
  }

  function facts(cell) {
    const pixels = cell.width ? `${cell.width} × ${cell.height}` : "";
    return [pixels, cell.facts, cell.format, size(cell.bytes)].filter(Boolean).join(" · ");
  }

  function safeLink(cell) {
    try {
      if (cell.link === null) return null;
      const { href, protocol } = new URL(cell.link, document.baseURI);
      return SCHEMES.includes(protocol) ? href : null;
    } catch {
      return null;
    }
  }

  function cellContent(cell, row, column) {
    if (cell === null) {
      return element("span", { className: "none", title: "Not made yet" }, "–");
    }
    if (cell.error !== undefined) {
      const words = cell.error.split(/(?=[A-Z])/).flatMap((word) => [element("wbr"), word]);
      const className = cell.error === FOLLOWS ? "error follows" : "error";
      return element("div", { className, tabIndex: 0 },
        element("strong", {}, ...words), element("p", {}, cell.message));
    }
    if (cell.value !== undefined) {
      return element("div", { className: "value" }, cell.value);
    }
    const image = element("img", {
      loading: "lazy", decoding: "async", alt: `${columns[column]} of ${shown[row].name}`,
      src: cell.thumbnail,
    });
    const button = element("button", { type: "button", title: facts(cell) }, image);
    if (cell.medium !== undefined) {
      const mark = [MARKS[cell.medium], cell.length].filter(Boolean).join(" ");
      button.append(element("span", { className: "mark", ariaHidden: "true" }, mark || cell.format));
    }
    button.addEventListener("click", () => view.open(row, column));
    return button;
  }

  function rowElement(data, row) {
    const line = element("tr");
    line.setAttribute("role", "row");
    const head = element("th", { scope: "row" },
      element("span", { className: "name" }, data.name),
      element("small", {}, data.partition === "_" ? "" : data.partition));
    head.setAttribute("role", "rowheader");
    line.append(head);
    line.classList.toggle("failing", data.cells.some((cell) => cell?.error !== undefined));
    data.cells.forEach((cell, column) => {
      const box = element("td", {}, cellContent(cell, row, column));
      box.setAttribute("role", "cell");
      if (cell?.stale !== undefined) {
        box.append(element("p", { className: "stale", title: "A run would remake this cell." },
          `stale: ${cell.stale}`));
      }
      if (cell?.note !== undefined) box.append(element("p", { className: "below" }, cell.note));
      box.dataset.column = columns[column];
      const first = column - column % 3;
      box.classList.toggle("absent", areTriples
        && data.cells.slice(first, first + 3).every((each) => each === null));
      line.append(box);
    });
    return line;
  }

  function statusText(count) {
    const [of, all] = [found.length, names.length].map((number) => number.toLocaleString("en"));
    const rest = found.length === names.length ? "" : ` (filtered from ${all})`;
    if (count === found.length) return count === names.length ? "All rows shown" : `${of} of ${all} rows`;
    const first = page * perPage + 1;
    return `${first.toLocaleString("en")} to ${(first + count - 1).toLocaleString("en")} of ${of} rows${rest}`;
  }

  async function draw() {
    const mine = drawing += 1;
    const places = found.slice(page * perPage, (page + 1) * perPage);
    const numbers = [...new Set(places.map((place) => Math.floor(place / perPage)))];
    try {
      const loaded = new Map(await Promise.all(numbers.map(async (n) => [n, await slice(n)])));
      if (mine !== drawing) return; // the user has moved on to another page
      shown = places.map((place) => ({
        name: names[place], ...loaded.get(Math.floor(place / perPage))[place % perPage],
      }));
    } catch (error) {
      byId("status").textContent = `Part of the gallery is missing: ${error.message}`;
      return;
    }
    byId("rows").replaceChildren(...shown.map(rowElement));
    byId("nothing").hidden = places.length > 0;
    const pages = Math.max(1, Math.ceil(found.length / perPage));
    byId("pager").hidden = pages === 1;
    byId("page").textContent = `Page ${page + 1} of ${pages}`;
    byId("previous").disabled = page === 0;
    byId("next").disabled = page === pages - 1;
    byId("status").textContent = statusText(places.length);
  }

  function filter() {
    const wanted = byId("name").value.trim().toLowerCase();
    const onlyErrors = byId("errors").checked;
    found = [];
    for (let place = 0; place < names.length; place += 1) {
      if (onlyErrors && !failing.has(place)) continue;
      if (lowerNames[place].includes(wanted)) found.push(place);
    }
    page = 0;
    draw();
  }

  async function turn(by) {
    page += by;
    await draw();
    main.scrollIntoView();
  }

  const view = (() => {
    const dialog = byId("view");
    const players = { video: byId("view-video"), audio: byId("view-audio") };
    let row = 0;
    let column = 0;

    const isPicture = (r, c) => shown[r]?.cells[c]?.thumbnail !== undefined;

    // A player without a source loads nothing; it says only here what it cannot play.
    function stop() {
      for (const player of Object.values(players)) {
        player.onerror = null;
        player.pause();
        player.removeAttribute("src");
        player.removeAttribute("poster");
        player.load();
        player.hidden = true;
      }
    }

    function play(player, cell, link) {
      player.setAttribute("aria-label", `${columns[column]} of ${shown[row].name}`);
      player.onerror = () => {
        byId("view-note").textContent =
          "This browser cannot play the file, or cannot reach it. Open it in another program.";
      };
      if (cell.medium === "video") player.poster = cell.thumbnail;
      player.src = link;
      player.hidden = false;
    }

    function note(cell, link, isShown) {
      if (isShown) return "";
      if (link === null) return "Thumbnail only: the file cannot be reached from here.";
      if (cell.medium === undefined) return "Thumbnail only: browsers cannot show this format.";
      return cell.medium === "document" ? "The first page. Open the file to read it." : "Open the file.";
    }

    function show() {
      const cell = shown[row].cells[column];
      const link = safeLink(cell);
      const image = byId("view-image");
      const player = link === null ? undefined : players[cell.medium];
      const isImage = link !== null && cell.medium === undefined && SHOWN_BY_BROWSERS.includes(cell.format);
      stop();
      if (player !== undefined) play(player, cell, link);
      image.hidden = player === players.video;
      byId("view-title").textContent = `${shown[row].name} · ${columns[column]}`;
      byId("view-facts").textContent = facts(cell);
      byId("view-note").textContent = note(cell, link, isImage || player !== undefined);
      byId("view-fileurl").textContent = cell.fileurl;
      byId("view-link").hidden = link === null;
      if (link === null) byId("view-link").removeAttribute("href");
      else byId("view-link").href = link;
      image.alt = `${columns[column]} of ${shown[row].name}`;
      image.onerror = () => {
        image.onerror = null;
        byId("view-note").textContent = "Thumbnail only: the file cannot be reached from here.";
        image.src = cell.thumbnail;
      };
      image.src = isImage ? link : cell.thumbnail;
    }

    function along(by) {
      const last = shown.length * columns.length;
      for (let place = row * columns.length + column + by; place >= 0 && place < last; place += by) {
        if (go(Math.floor(place / columns.length), place % columns.length)) return;
      }
    }

    function across(by) {
      for (let next = row + by; next >= 0 && next < shown.length; next += by) {
        if (go(next, column)) return;
      }
    }

    function go(r, c) {
      if (!isPicture(r, c)) return false;
      [row, column] = [r, c];
      show();
      return true;
    }

    const keys = {
      ArrowLeft: () => along(-1),
      ArrowRight: () => along(1),
      ArrowUp: () => across(-1),
      ArrowDown: () => across(1),
    };
    dialog.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLMediaElement) return; // where arrows seek
      if (keys[event.key] === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    byId("view-previous").addEventListener("click", () => along(-1));
    byId("view-next").addEventListener("click", () => along(1));
    byId("view-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", stop);

    return {
      open(r, c) {
        go(r, c);
        dialog.showModal();
      },
    };
  })();

  function tellExpiry() {
    const expiry = byId("expiry");
    if (expiry && new Date(expiry.dataset.expiresAt) < new Date()) {
      expiry.classList.add("over");
      expiry.textContent = "links have expired: write the gallery again";
    }
  }

  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("name").addEventListener("input", filter);
  byId("errors").addEventListener("change", filter);
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  tellExpiry();

  return {
    names(data) {
      names = data.names;
      lowerNames = names.map((name) => name.toLowerCase());
      failing = new Set(data.errors);
      filter();
    },
    rows(data) {
      arrived.get(data.number)(data.rows);
    },
  };
})();

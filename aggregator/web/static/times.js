// Show times in the reader's own zone, and say at the end of the page which it is; without this script they stay in UTC.
"use strict";
const language = document.documentElement.lang;
const format = new Intl.DateTimeFormat(language, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
let last = null;
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.title = time.textContent;
    time.textContent = format.format(at);
    last = at;
  }
}
const zone = document.getElementById("zone");
if (zone && last) {
  const named = new Intl.DateTimeFormat(language, { hour: "2-digit", timeZoneName: "short" }).formatToParts(last);
  zone.append(" " + (named.find((part) => part.type === "timeZoneName") || { value: "" }).value);
  zone.hidden = false;
}

// Applies the remembered theme before the first paint. Classic on purpose: a module runs too late.
(function () {
  try {
    var theme = localStorage.getItem('log-center.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (blocked) {
    // Storage may be forbidden; the system's theme is used.
  }
})();

'use strict';

// Where Node may keep what it made of the program, so that the next start need not make it again: a tenth of the time to
// the first answer, nearly half of it when the sources are run.
// What lies there is run without a further look, so nobody else may be able to put anything there. Old syntax, as in bin/postern.
var fs = require('fs');
var module_ = require('module');
var os = require('os');
var path = require('path');

var othersMayWrite = 18; // 0o022
var sticky = 512; // 0o1000

/** Uses a directory of our own; does nothing where there is none. `NODE_COMPILE_CACHE` names another one, and Node follows it by itself. */
exports.useCompileCache = function (environment) {
  if (environment.NODE_COMPILE_CACHE !== undefined || !module_.enableCompileCache || !process.getuid) return;
  try {
    var directory = fs.realpathSync(placeFor(environment));
    if (!isOurs(directory)) return;
    module_.enableCompileCache(directory);
    // A server runs for months, and may be killed in the end: it writes when everything has been loaded.
    setTimeout(function () {
      module_.flushCompileCache();
    }, 15000).unref();
  } catch {
    // A file system that is read-only, or a user without a home: the program starts a little later, and that is all.
  }
};

/** `CACHE_DIRECTORY` is systemd's word for it. */
function placeFor(environment) {
  if (environment.CACHE_DIRECTORY) return below(environment.CACHE_DIRECTORY.split(':')[0], ['compiled']);
  if (environment.XDG_CACHE_HOME) return below(environment.XDG_CACHE_HOME, ['postern', 'compiled']);
  return below(os.userInfo().homedir, ['.cache', 'postern', 'compiled']);
}

/** Makes what is missing of it below a directory that is there: a home that nobody has is not made. */
function below(directory, names) {
  return names.reduce(function (at, name) {
    var next = path.join(at, name);
    if (!fs.existsSync(next)) fs.mkdirSync(next, 448); // 0o700
    return next;
  }, directory);
}

/** Whether only this user, or root, can change what lies there, or put another directory in its place. */
function isOurs(directory) {
  var user = process.getuid();
  if (fs.statSync(directory).uid !== user) return false;
  for (var at = directory; ; at = path.dirname(at)) {
    var found = fs.statSync(at);
    if (found.uid !== user && found.uid !== 0) return false;
    // Whoever may write in a directory may rename what is in it, unless it is sticky, as /tmp is.
    if ((found.mode & othersMayWrite) !== 0 && ((found.mode & sticky) === 0 || at === directory)) return false;
    if (at === path.dirname(at)) return true;
  }
}

// Reads {"file": …, "texts": […]} from standard input and writes the ids that the Rust library, a folder of npm's, gives by that tokenizer.json.
const { Tokenizer } = require(process.argv[2]);
const { file, texts } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const tokenizer = Tokenizer.fromFile(file);
tokenizer.disableTruncation();
tokenizer.disablePadding();
(async () => {
  const ids = [];
  for (const text of texts) ids.push((await tokenizer.encode(text)).getIds());
  process.stdout.write(JSON.stringify(ids));
})();

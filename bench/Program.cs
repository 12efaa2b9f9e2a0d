using System.CommandLine;
using LmmRec.Bench;
using LmmRec.Bench.Works;

var works = new Argument<string[]>("works") { Description = $"what to measure: {string.Join(", ", Work.All.Keys)}", Arity = ArgumentArity.OneOrMore };
works.AcceptOnlyFromAmong([.. Work.All.Keys]);
var inter = new Option<string>("--inter") { Description = "file of interactions: userID itemID x_label, tab separated", Required = true };
var batch = new Option<int>("--batch") { Description = "examples in a batch; 0 takes the work's own" };
var scale = new Option<int>("--scale") { Description = "copies of the interactions", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "threads of ONNX Runtime", DefaultValueFactory = _ => 2 };
var device = new Option<string>("--device") { Description = "where graphs run: cpu or cuda[:n]", DefaultValueFactory = _ => "cpu" };
var runs = new Option<int>("--runs") { Description = "timed runs", DefaultValueFactory = _ => 15 };
var peer = new Option<string[]>("--peer") { Description = "a peer's script; without the file ours is measured alone", Required = true };
Arguments Of(ParseResult r) => new(r.GetRequiredValue(inter), r.GetValue(batch), r.GetValue(scale), r.GetValue(threads), r.GetValue(device)!);

var measure = new Command("measure", "Measures works in this process, as the peer does; one JSON line each") { works, inter, batch, scale, threads, device, runs };
measure.SetAction(r =>
{
    foreach (var work in r.GetRequiredValue(works)) Console.WriteLine(Measurement.Of(work, Of(r), r.GetValue(runs)).ToJson());
});

var beside = new Command("side-by-side", "Measures works and the peer's in turn, three processes each; one JSON line per work") { works, inter, batch, threads, peer };
beside.SetAction(r =>
{
    foreach (var work in r.GetRequiredValue(works)) Console.WriteLine(SideBySide.Of(work, Of(r), r.GetRequiredValue(peer)));
});

var folder = new Argument<string>("folder") { Description = "where to write" };
var artifacts = new Command("artifacts", "Writes the training artifacts that lightgcn-start opens in a process that has compiled nothing yet") { folder, inter };
artifacts.SetAction(r => TrainingStart.Write(r.GetRequiredValue(folder), Of(r)));

var start = new Command("open-encoder", "Opens an encoder and encodes a picture for the work encoder-start, which starts this itself") { folder, threads };
start.SetAction(r => EncoderStart.OpenAndEncode(r.GetRequiredValue(folder), r.GetValue(threads)));

var micro = new Command("micro", "BenchmarkDotNet over the kernels, by standard operators and by our own") { TreatUnmatchedTokensAsErrors = false };
micro.SetAction(r => BenchmarkDotNet.Running.BenchmarkRunner.Run<KernelBenchmarks>(args: [.. r.UnmatchedTokens]));

var pictures = new Command("serve-pictures", "Serves pictures to the work pictures-fetch, which starts this itself") { Hidden = true };
pictures.SetAction(_ => PictureServer.RunAsync());

var ingest = new Argument<string>("ingest") { Description = "folder of the ingest artifact" };
var encoders = new Argument<string[]>("encoders") { Description = "folders of encoders", Arity = ArgumentArity.OneOrMore };
var parent = new Option<string?>("--parent") { Description = "the encoder that they were tuned from on this catalogue: what was held out is compared" };
var retrieval = new Command("retrieval", "How encoders find the texts of a catalogue's pictures; a table in Markdown") { ingest, encoders, parent, threads };
retrieval.SetAction(async (r, _) =>
{
    using var table = await RetrievalTable.OpenAsync(r.GetRequiredValue(ingest), r.GetValue(threads));
    var (folders, before) = (r.GetRequiredValue(encoders), r.GetValue(parent));
    foreach (var row in before is null ? table.Of(folders) : table.Of(before, folders)) Console.WriteLine(row);
});

var evaluation = new Argument<string>("evaluation") { Description = "the folder evaluation of a data set's artifacts" };
var pretrained = new Argument<string>("encoder") { Description = "the encoder whose paradigm pt the others are compared with" };
var tuning = new Command("tuning-table", "What recommenders find by each encoder and paradigm, averaged over seeds; a table in Markdown") { evaluation, pretrained };
tuning.SetAction(async (r, _) =>
{
    foreach (var row in await TuningTable.OfAsync(r.GetRequiredValue(evaluation), r.GetRequiredValue(pretrained))) Console.WriteLine(row);
});

return new RootCommand("Benchmarks of lmmrec") { measure, beside, artifacts, start, micro, pictures, retrieval, tuning }.Parse(args).Invoke();

using System.Diagnostics;
using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>
/// From the start of a process to the moment at which the first batch of an imported CLIP ViT-B/16 begins, its files being in the page cache. Each run is
/// a process of its own, which says how far it is. The weights are drawn; the vocabulary is that of the fixtures.
/// </summary>
internal sealed class EncoderStart : Work
{
    private const string Picture = "picture.jpg", Begins = "text";

    private readonly TemporaryFolder _folder = new();
    private readonly Arguments _arguments;
    private readonly List<(string Part, double Ms)> _parts = []; // of all runs

    public EncoderStart(Arguments arguments)
    {
        _arguments = arguments;
        var fixtures = Environment.GetEnvironmentVariable("FIXTURES") ?? throw new InvalidOperationException("the environment variable FIXTURES names no folder of fixtures: the vocabulary is in its text-and-images/");
        const string Card = "card.json", Vocabulary = "bpe_simple_vocab_16e6.txt.gz";
        File.Copy(Path.Combine(AppContext.BaseDirectory, "clip-vit-b16", Card), _folder.PathOf(Card));
        File.Copy(Path.Combine(fixtures, "text-and-images", Vocabulary), _folder.PathOf(Vocabulary));
        EncoderModels.Init(_folder.Path, seed: 1, _folder.Path);
        using var noise = NetVips.Image.Gaussnoise(256, 256, sigma: 40, mean: 128, seed: 1);
        using var grey = noise.Cast(NetVips.Enums.BandFormat.Uchar);
        grey.WriteToFile(_folder.PathOf(Picture));
    }

    public override string What =>
        $"CLIP ViT-B/16 up to the first batch; ms of the parts: {string.Join(", ", _parts.GroupBy(p => p.Part).Select(part => $"{part.Key} {Measurement.Median(part.Select(p => p.Ms)):0}"))}";

    public override void Run()
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["open-encoder", _folder.Path, "--threads", $"{_arguments.Threads}"]) { RedirectStandardOutput = true })!;
        var from = start;
        for (var part = ""; part != Begins;)
        {
            part = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the process that opens the encoder ended with code {process.ExitCode}");
            var now = Stopwatch.GetTimestamp();
            _parts.Add((part, Stopwatch.GetElapsedTime(from, now).TotalMilliseconds));
            from = now;
        }
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>What that process does: each line names what is done.</summary>
    public static void OpenAndEncode(string folder, int threads)
    {
        Console.WriteLine("runtime");
        using var encoder = Encoder.Open(folder, new RuntimeOptions { Threads = threads });
        Console.WriteLine("encoder");
        var pictures = encoder.Pictures!.NewBatch();
        if (!pictures.TrySet(0, File.ReadAllBytes(Path.Combine(folder, Picture)), out var reason)) throw new InvalidInputException(reason);
        Console.WriteLine("picture");
        var title = encoder.Texts!.Tokenize("Enamel mug, red, 350 ml");
        encoder.Texts.NewBatch(title.Length).Set(0, title);
        Console.WriteLine(Begins);
        encoder.Pictures.Run(pictures);
    }

    public override void Dispose() => _folder.Dispose();
}

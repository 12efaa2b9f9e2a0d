using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Folders;

/// <summary>An ONNX file of a folder.</summary>
/// <param name="Name">its name in the folder</param>
/// <param name="File">what it says of itself</param>
internal sealed record FolderGraph(string Name, OnnxFile File);

/// <summary>The ONNX files of a folder that encode pictures and texts (docs/encoders.md#folders).</summary>
/// <param name="Visual">what encodes pictures; null: nothing does</param>
/// <param name="Textual">what encodes texts; the same where one file does both</param>
internal sealed record GraphChoice(FolderGraph? Visual, FolderGraph? Textual)
{
    /// <summary>Names of inputs as Optimum and transformers.js give them.</summary>
    public const string Pixels = "pixel_values", Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids";

    private const string Vision = "vision_model", Text = "text_model", Joint = "model", Ending = ".onnx";
    private static readonly string[] Places = ["onnx/", ""];

    /// <summary>The files that there are.</summary>
    public IReadOnlyList<FolderGraph> Files => [.. new[] { Visual, Textual }.OfType<FolderGraph>().Distinct()];

    /// <summary>Chooses: files of their own for both towers before one for both, plain ones unless a variant is asked for.</summary>
    /// <param name="files">the folder</param>
    /// <param name="variant">what stands behind <c>_</c> in the files' names, such as fp16; null: nothing</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="InvalidInputException">There is none, or none of the variant; or one cannot be read.</exception>
    public static async Task<GraphChoice> MakeAsync(FolderFiles files, string? variant, CancellationToken cancellation)
    {
        var suffix = variant is null ? Ending : $"_{variant}{Ending}";
        foreach (var place in Places)
        {
            var (vision, text) = (await PathAsync(Vision + suffix), await PathAsync(Text + suffix));
            var (missing, other) = vision is null ? (Vision, Text) : (Text, Vision);
            if (vision is null != text is null && await PathAsync(missing + Ending) is not null) throw Missing();
            var joint = vision is not null && text is not null ? null : await PathAsync(Joint + suffix);
            if (joint is not null) return Split(Read(place + Joint + suffix, joint));
            if (vision is null != text is null && files.Names?.Any(name => name.StartsWith($"{place}{missing}_", StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal)) == true)
                throw Missing();
            if (vision is not null || text is not null)
                return new GraphChoice(vision is null ? null : Read(place + Vision + suffix, vision), text is null ? null : Read(place + Text + suffix, text));

            Task<string?> PathAsync(string name) => files.FindAsync(place + name, cancellation);

            InvalidInputException Missing() => new($"{place}{missing}{suffix}: is missing beside {place}{other}{suffix}, and both towers have to be of one variant; "
                + $"fetch it, or choose with --variant what both have{Listed(files)}");
        }
        throw new InvalidInputException($"{files.Name}: there is no onnx/{Joint}{suffix}, nor onnx/{Vision}{suffix} and onnx/{Text}{suffix}, nor the same without onnx/{Listed(files)}; "
            + (variant is null ? "export the model with Optimum ('optimum-cli export onnx'), or choose one of its variants with --variant" : "leave --variant out, or name another"));
    }

    // One file for both, or for what its inputs say.
    private static GraphChoice Split(FolderGraph graph)
    {
        bool Takes(string name) => graph.File.Inputs.Any(i => i.Name == name);
        return new GraphChoice(Takes(Pixels) ? graph : null, Takes(Ids) ? graph : null);
    }

    private static FolderGraph Read(string name, string path)
    {
        var file = EncoderFiles.Read(path);
        if (file.Opset < OnnxFile.OldestOpset) throw new InvalidInputException($"{name}: uses opset {file.Opset}; {OnnxFile.OldestOpset} and later are understood: export the model again");
        if (file.Branches is [var branch, ..])
            throw new InvalidInputException($"{name}: has a node of operator {branch}, with a graph inside; such graphs are not supported: export the model without it, for encoding only");
        var others = file.Inputs.Where(i => i.Name is not (Pixels or Ids or Mask or Types)).ToList();
        if (others.Count > 0)
            throw new InvalidInputException(
                $"{name}: has the input {string.Join(", ", others.Select(i => i.Name))}; known are {Pixels}, {Ids}, {Mask} and {Types}: export the model without it, or write a card ('lmmrec models inspect {name}' drafts one)");
        return new FolderGraph(name, file);
    }

    private static string Listed(FolderFiles files) =>
        files.Names?.Where(name => name.EndsWith(Ending, StringComparison.Ordinal)).ToList() is { Count: > 0 } there ? $"; there are {string.Join(", ", there)}" : "";
}

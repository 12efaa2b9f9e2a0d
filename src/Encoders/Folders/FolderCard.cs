using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Architectures;

namespace LmmRec.Encoders.Folders;

/// <summary>The card of a folder, and the files of the folder that it needs.</summary>
/// <param name="Draft">the card</param>
/// <param name="Files">where the files lie on this machine, by their names in the folder</param>
internal sealed record FolderCard(CardDraft Draft, IReadOnlyDictionary<string, string> Files)
{
    private const string Cut = "truncate_dim"; // of pictures and texts alike, which are compared

    /// <summary>Works the card out from all that the folder says.</summary>
    /// <param name="files">the folder</param>
    /// <param name="title">what the card says that it is made from</param>
    /// <param name="variant">the variant of the graphs that is wanted; null: the plain ones</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="InvalidInputException">The folder holds no encoder, or one of which something cannot be honoured.</exception>
    public static async Task<FolderCard> MakeAsync(FolderFiles files, string title, string? variant, CancellationToken cancellation)
    {
        if (await files.FindAsync("model_index.json", cancellation) is not null)
            throw new InvalidInputException($"{files.Name}: holds model_index.json: a pipeline that draws pictures (diffusion), not an encoder; name the folder of an encoder");
        var config = await files.SettingsAsync("config.json", cancellation);
        if (!config.Exists)
            throw new InvalidInputException($"{files.Name}: there is no config.json{(files.Names is null ? " (the server answers 404; the name or the revision may be wrong)" : "")}; an encoder's folder has one, beside onnx/model.onnx and the settings of its tokenizer or image processor");
        var graphs = await GraphChoice.MakeAsync(files, variant, cancellation);
        var (draft, needed) = (new CardDraft(), new Dictionary<string, string>(StringComparer.Ordinal));
        draft.Set("description", $"{title}, a model of type {config.Text("model_type") ?? "unknown"}", null);
        var sentences = await files.SettingsAsync("config_sentence_transformers.json", cancellation);
        if (graphs.Visual is { } visual)
        {
            Write("onnx.visual", visual, GraphChoice.Pixels, VectorChoice.OfPicture(visual, config));
            CheckSizes(visual, PictureRules.Write(draft, await PictureSettingsAsync(files, cancellation), config));
        }
        if (graphs.Textual is { } textual)
        {
            Write("onnx.textual", textual, GraphChoice.Ids, await VectorChoice.OfTextAsync(textual, config, files, sentences, cancellation));
            foreach (var (key, name) in new[] { ("mask", GraphChoice.Mask), ("types", GraphChoice.Types) })
                if (textual.File.Inputs.Any(i => i.Name == name)) draft.Set($"onnx.textual.{key}", name, $"{textual.Name}, input {name}");
            await TextRules.WriteAsync(draft, files, textual, config, sentences, cancellation);
            await NeedAsync(TokenizerFile.FileName);
        }
        foreach (var graph in graphs.Files)
        {
            await NeedAsync(graph.Name);
            foreach (var name in graph.File.ExternalFiles.Keys) await NeedAsync($"{graph.Name[..(graph.Name.LastIndexOf('/') + 1)]}{name}");
        }
        return new FolderCard(draft, needed);

        async Task NeedAsync(string name) => needed[name] = await files.FindAsync(name, cancellation)
            ?? throw new InvalidInputException($"{files.Name}: {name} is missing, and the graph takes its weights from it");

        void Write(string key, FolderGraph graph, string input, VectorChoice vector)
        {
            draft.Set($"{key}.file", graph.Name, null);
            draft.Set($"{key}.input", input, $"{graph.Name}, input {input}");
            draft.Set($"{key}.output", vector.Output, vector.From);
            if (vector.Pooling != Pooling.None) draft.Set($"{key}.pooling", ConfigurationBinder.NameOf(vector.Pooling), vector.From);
            if (vector.UnitLength) draft.Set($"{key}.unitLength", true, SentenceModules.UnitLengthFrom);
            var cut = sentences[Cut] is null ? config : sentences; // jina's own code reads it from config.json
            if (cut.Count(Cut) is { } dimensions) draft.Set($"{key}.dimensions", dimensions, cut.Origin(Cut));
        }
    }

    private static void CheckSizes(FolderGraph graph, PictureSizes pictures)
    {
        if (graph.File.Inputs.First(i => i.Name == GraphChoice.Pixels).Shape is not { Rank: 4 } shape) return; // what it is instead, the trial says
        var channelsLast = !(shape[1].IsFixed && Allows(1, 3)) && shape[3].IsFixed && Allows(3, 3);
        if (!channelsLast && !Allows(1, 3))
            throw new InvalidInputException($"{graph.Name}: takes pictures of {shape[1]} channel{(shape[1] == 1 ? "" : "s")}; supported are those of 3, red, green and blue");
        var (height, width) = channelsLast ? (1, 2) : (2, 3);
        if (!Allows(height, pictures.Crop.Height) || !Allows(width, pictures.Crop.Width))
            throw new InvalidInputException($"{pictures.CropFrom}: makes pictures of {pictures.Crop.Height} × {pictures.Crop.Width} (height × width), and {graph.Name} takes {shape[height]} × {shape[width]}; "
                + "take the settings that came with the graph");

        bool Allows(int axis, int size) => !shape[axis].IsFixed || shape[axis].Value == size;
    }

    // A processor of texts and pictures may hold the settings of its part for pictures, which then count.
    private static async Task<Settings> PictureSettingsAsync(FolderFiles files, CancellationToken cancellation)
    {
        const string name = "preprocessor_config.json";
        var inner = (await files.SettingsAsync("processor_config.json", cancellation)).Inner("image_processor");
        if (inner.Exists) return inner;
        var settings = await files.SettingsAsync(name, cancellation);
        return settings.Exists ? settings : throw new InvalidInputException(
            $"{files.Name}: there is no {name}, and no processor_config.json with an image_processor: what is done to pictures is not known; take the file from where the model comes from");
    }
}

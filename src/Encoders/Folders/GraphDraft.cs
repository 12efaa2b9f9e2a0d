using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Folders;

/// <summary>A card for an ONNX file of which nothing is known but what it says of itself: what is read off it is filled in, the rest is the most usual.</summary>
public static class GraphDraft
{
    /// <summary>Reads the file <paramref name="path"/>.</summary>
    /// <returns>What it says, and the card as JSON.</returns>
    /// <exception cref="InvalidInputException">There is no such file, or it is no ONNX file.</exception>
    public static (OnnxFile File, string Card) Of(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path}: there is no such file");
        var file = EncoderFiles.Read(path);
        var draft = new CardDraft();
        var name = Path.GetFileName(path);
        if (file.Inputs.FirstOrDefault(i => i.IsFloat && i.Shape?.Rank == 4) is { } pixels)
        {
            Write("onnx.visual", pixels, VectorChoice.LikelyOfPictures, "cls");
            var size = SizeOf(pixels.Shape!);
            draft.Set("image.resize", size is JsonArray ? "stretch" : "shorter-side", null);
            draft.Set("image.resizeTo", size, null);
            draft.Set("image.crop", size.DeepClone(), null);
        }
        // What is no mask and no type of tokens are their ids.
        var words = file.Inputs.Where(i => i.Shape?.Rank == 2).ToList();
        var (mask, types) = (words.Find(i => i.Name.Contains("mask", StringComparison.OrdinalIgnoreCase)), words.Find(i => i.Name.Contains("type", StringComparison.OrdinalIgnoreCase)));
        if (words.Find(i => i != mask && i != types) is { } ids)
        {
            Write("onnx.textual", ids, VectorChoice.LikelyOfTexts, "mean");
            if (mask is not null) draft.Set("onnx.textual.mask", mask.Name, null);
            if (types is not null) draft.Set("onnx.textual.types", types.Name, null);
            draft.Set("text.tokenizer", "json", null);
            draft.Set("text.file", TokenizerFile.FileName, null);
            draft.Set("text.vocabulary", file.Tables.GetValueOrDefault(ids.Name), null);
            draft.Set("text.length", ids.Shape![1].IsFixed ? ids.Shape[1].Value : 512, null);
        }
        return (file, draft.ToString());

        void Write(string key, OnnxValue input, IReadOnlyList<string> usual, string pooling)
        {
            var outputs = file.Outputs.Where(o => o.IsFloat).ToList();
            var output = usual.Select(u => outputs.Find(o => o.Name == u)).FirstOrDefault(o => o is not null) ?? outputs.FirstOrDefault();
            draft.Set($"{key}.file", name, null);
            draft.Set($"{key}.input", input.Name, null);
            draft.Set($"{key}.output", output?.Name ?? "", null);
            if (output?.Shape?.Rank == 3) draft.Set($"{key}.pooling", pooling, null);
        }
    }

    // Height and width as far as the file says them; channels, 3 of them, stand before or behind.
    private static JsonNode SizeOf(Shape pixels)
    {
        var sides = pixels.Skip(1).Where(d => d.IsFixed && d != 3).Select(d => d.Value).Distinct().ToList();
        return sides switch { [] => 224, [var side] => side, _ => new JsonArray([.. sides.Select(side => (JsonNode)side)]) };
    }
}

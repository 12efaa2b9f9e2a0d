using System.CommandLine;
using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Graphs;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models encode</c>: the vectors of some texts and pictures as JSON, to look at and to compare.</summary>
internal static class ModelsEncode
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Option<string[]> Texts = new("--text") { Description = "A text; may be given several times.", HelpName = "TEXT" };

    private static readonly Option<string[]> Pictures = new("--image") { Description = "A picture's file; may be given several times.", HelpName = "FILE" };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("encode", "Prints the vectors of texts and pictures as JSON, and what became of each on the way.") { ModelsCommand.Card, Texts, Pictures };
        command.SetAction(parsed =>
        {
            var (texts, pictures) = (parsed.GetValue(Texts) ?? [], parsed.GetValue(Pictures) ?? []);
            if (texts.Length + pictures.Length == 0) throw new ConfigurationException(["there is nothing to encode; name it with --text or --image"]);
            var faults = pictures.Where(file => !File.Exists(file)).Select(file => $"--image {file}: {(Directory.Exists(file) ? "is a folder; --image takes a file" : "there is no such file")}").ToList();
            if (faults.Count > 0) throw new ConfigurationException(faults);
            using var encoder = Encoder.Open(ModelsCommand.Folder(parsed.GetValue(ModelsCommand.Card)!), new RuntimeOptions());
            if (texts.Length > 0 && encoder.Texts is null) throw new ConfigurationException(["--text: the encoder reads no texts"]);
            if (pictures.Length > 0 && encoder.Pictures is null) throw new ConfigurationException(["--image: the encoder reads no pictures"]);
            List<string> lines = [.. texts.Select(text => OfText(encoder.Texts!, text)), .. pictures.Select(file => OfPicture(encoder.Pictures!, file))];
            Console.Out.WriteLine($"[{string.Join($",{Environment.NewLine} ", lines)}]");
            return ExitCode.Done;
        });
        return command;
    }

    private static string OfText(TextEncoder encoder, string text)
    {
        var (tokens, isCut) = (encoder.Tokenize(text), encoder.IsCut(text));
        return Line($"--text '{text}'", json =>
        {
            json.WriteString("text", text);
            json.WriteNumber("tokens", tokens.Count);
            json.WriteNumber("paddedTo", tokens.Length);
            json.WriteBoolean("truncated", isCut);
            json.WriteStartArray("ids");
            foreach (var id in tokens.Ids.AsSpan(0, tokens.Count)) json.WriteNumberValue(id);
            json.WriteEndArray();
        }, encoder.VectorsOf([tokens])[0]);
    }

    private static string OfPicture(PictureEncoder encoder, string file) => Line(file, json => json.WriteString("image", file), encoder.VectorsOf([file])[0]);

    private static string Line(string what, Action<Utf8JsonWriter> write, float[] vector)
    {
        if (!Array.TrueForAll(vector, float.IsFinite)) throw new InvalidInputException($"{what}: its vector holds NaN or infinity; import the encoder again, from a file in full precision if this one is in 16 bits");
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            write(json);
            json.WriteStartArray("vector");
            foreach (var value in vector) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}

using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Cards;

public sealed class CardFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mug", new[] { "here/mug", "here/onnx-models/mug", "program/mug", "program/onnx-models/mug" })]
    [InlineData("onnx-models/mug", new[] { "here/onnx-models/mug", "program/onnx-models/mug" })]
    [InlineData("mug", new[] { "here/onnx-models/mug" })]
    [InlineData("mug", new[] { "program/onnx-models/mug" })]
    public void An_encoder_is_looked_for_as_a_folder_and_by_its_name_here_and_then_beside_the_program(string card, string[] places)
    {
        Directory.CreateDirectory(_folder.PathOf("here/mug")); // a folder without a card is no encoder
        foreach (var place in places) Write(place, "{}");
        foreach (var place in places)
        {
            Assert.Equal(_folder.PathOf(place), CardFolder.Find(card, Roots));
            File.Delete(_folder.PathOf($"{place}/card.json"));
        }
        Assert.Null(CardFolder.Find(card, Roots));
        Assert.All(places, place => Assert.Contains(_folder.PathOf(place), CardFolder.Missing(card, Roots), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("onnx-models/net", true, "run 'lmmrec models import net' first")]
    [InlineData("own/net", true, "run 'lmmrec models import {0} --target {0}' first")]
    [InlineData("onnx-models/net", false, "put the files that the card describes there")]
    public void Where_the_file_is_not_there_the_import_is_named_that_brings_it(string place, bool hasSource, string remedy)
    {
        Write(place,
            $$"""
            { "onnx": { "visual": { "file": "net.onnx", "input": "x", "output": "y" } }, "image": {},
              "weights": { {{(hasSource ? "\"sources\": [{ \"url\": \"https://models.example.com/net.onnx\" }]" : "")}} } }
            """);
        var folder = _folder.PathOf(place);
        Assert.Equal($"{folder}: there is no net.onnx; {remedy.Replace("{0}", folder, StringComparison.Ordinal)}",
            Assert.Throws<InvalidInputException>(() => Encoder.Open(folder, new RuntimeOptions())).Message);
    }

    private string[] Roots => [_folder.PathOf("here"), _folder.PathOf("program")];

    private void Write(string place, string card)
    {
        Directory.CreateDirectory(_folder.PathOf(place));
        File.WriteAllText(_folder.PathOf($"{place}/card.json"), card);
    }
}

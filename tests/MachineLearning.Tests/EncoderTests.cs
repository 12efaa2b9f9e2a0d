using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Featurize;
using LmmRec.Featurize.Tests;
using LmmRec.Graphs;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning.Tests;

public sealed class EncoderTests : IDisposable
{
    private static readonly string Card = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");

    private readonly Shop _shop = new();
    private readonly Encoder _encoder = Encoder.Open(Card, new RuntimeOptions { Threads = 2 });
    private readonly MLContext _ml = new(seed: 7);

    public void Dispose()
    {
        _encoder.Dispose();
        _shop.Dispose();
    }

    [Fact]
    public async Task Vectors_of_pictures_and_texts_are_those_of_the_feature_store_to_the_bit()
    {
        await _shop.IngestAsync([.. Enumerable.Range(0, Shop.Items)]);
        await _shop.RunAsync(new EncoderOptions { Name = "clip", Card = "onnx-models/clip-small" });
        var store = await _shop.ReadAsync("clip");

        var items = _ml.Data.LoadTable<ItemRow>(_shop.Ingest);
        var texts = _ml.Transforms.EncodeTexts("vector", "text", _encoder).Fit(items).Transform(items);
        var missing = Enumerable.Repeat(float.NaN, _encoder.Texts!.Width).ToArray();
        Assert.Equal(Shop.Items, texts.GetRowCount());
        Assert.All(Vectors(texts), row => Assert.Equal(store[row.Id].Textual ?? missing, row.Vector));
        Assert.Equal(missing, Vectors(texts).Single(row => row.Id == Shop.Id(Shop.NoText)).Vector);

        var images = _ml.Data.LoadTable<ImageRow>(_shop.Ingest);
        var pictures = _ml.Transforms.EncodePictures("vector", "bytes", _encoder).Fit(images).Transform(images);
        var shown = Vectors(pictures).Where(row => row.Id != Shop.Id(Shop.Placeholder)).ToList(); // featurize leaves such a picture out
        Assert.All(shown, row => Assert.Equal(store[row.Id].Visual ?? missing, row.Vector));
        Assert.Equal(missing, shown.Single(row => row.Id == Shop.Id(Shop.BadPicture)).Vector);
    }

    [Fact]
    public async Task An_encoder_is_a_link_of_a_chain_that_ends_with_a_trainer()
    {
        await _shop.IngestAsync([.. Enumerable.Range(0, Shop.NoText)]);
        var items = _ml.Data.LoadTable<ItemRow>(_shop.Ingest);
        var chain = _ml.Transforms.EncodeTexts("vector", "text", _encoder).Append(_ml.Clustering.Trainers.KMeans("vector", numberOfClusters: 2));
        Assert.Equal(Shop.NoText, chain.Fit(items).Transform(items).GetColumn<uint>("PredictedLabel").Count(label => label is 1 or 2));
    }

    [Fact]
    public async Task Where_the_vector_is_not_wanted_nothing_is_encoded()
    {
        await _shop.IngestAsync(1, 2);
        var items = _ml.Data.LoadTable<ItemRow>(_shop.Ingest);
        var encoded = _ml.Transforms.EncodeTexts("vector", "text", _encoder).Fit(items).Transform(items);
        _encoder.Dispose(); // so that it could not
        Assert.Equal([Shop.Id(1), Shop.Id(2)], encoded.GetColumn<ReadOnlyMemory<char>>("item_id").Select(id => id.ToString()));
    }

    [Fact]
    public async Task What_cannot_be_encoded_or_saved_is_refused_in_words()
    {
        await _shop.IngestAsync(1, 2);
        var items = _ml.Data.LoadTable<ItemRow>(_shop.Ingest);
        var absent = Assert.Throws<ArgumentException>(() => _ml.Transforms.EncodeTexts("vector", "words", _encoder).Fit(items));
        Assert.StartsWith("there is no column 'words'; there are item, item_id, title", absent.Message, StringComparison.Ordinal);
        var other = Assert.Throws<ArgumentException>(() => _ml.Transforms.EncodePictures("vector", "text", _encoder).Fit(items));
        Assert.StartsWith("column 'text' is String; pictures are encoded from a vector of Byte", other.Message, StringComparison.Ordinal);

        var fitted = _ml.Transforms.EncodeTexts("vector", "text", _encoder).Fit(items);
        Assert.False(fitted.IsRowToRowMapper);
        using var file = new MemoryStream();
        var saved = Assert.ThrowsAny<Exception>(() => _ml.Model.Save(fitted, items.Schema, file));
        Assert.Contains("an encoder is a folder with files of its own and is not saved in a model", saved.ToString(), StringComparison.Ordinal);
    }

    private static List<(string Id, float[] Vector)> Vectors(IDataView view) =>
        [.. view.GetColumn<ReadOnlyMemory<char>>("item_id").Select(id => id.ToString()).Zip(view.GetColumn<float[]>("vector"))];
}

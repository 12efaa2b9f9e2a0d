using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;
using LmmRec.Train.Recommenders;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Train.Tests;

public sealed class EvaluationGraphTests : IDisposable
{
    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Recommender.All.Keys];

    public void Dispose() => _shop.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_stock_ONNX_Runtime_computes_the_tables_of_vectors_from_the_files_of_the_artifact(string recommender)
    {
        await _shop.WriteAsync();
        var step = _shop.Training(new TrainOptions { Recommenders = [recommender], Epochs = 3, BatchSize = 32 }, "models");
        await SmallShop.RunAsync(step);

        var checkpoint = (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(step.Folder, "checkpoint.json"), Cancellation))!["tensors"]!;
        var tensors = new[] { checkpoint, "frozen.safetensors", "eval_inputs.safetensors" }.SelectMany(file => SafeTensors.Read(Path.Combine(step.Folder, file))).ToDictionary();
        using var session = new InferenceSession(Path.Combine(step.Folder, "eval_model.onnx"));
        using var outputs = session.Run([.. session.InputMetadata.Keys.Select(name => Value(name, tensors[name]))]);

        var users = await TableFile.ReadAsync<UserVectorRow>(TableFile.PathOf<UserVectorRow>(step.Folder), Cancellation);
        var items = await TableFile.ReadAsync<ItemVectorRow>(TableFile.PathOf<ItemVectorRow>(step.Folder), Cancellation);
        AssertClose(users.SelectMany(row => row.Vector), outputs.Single(output => output.Name == "user_vectors").AsEnumerable<float>());
        AssertClose(items.SelectMany(row => row.Vector), outputs.Single(output => output.Name == "item_vectors").AsEnumerable<float>());
    }

    private static NamedOnnxValue Value(string name, TensorData data)
    {
        var shape = Array.ConvertAll(data.Shape, d => (int)d);
        return data.Type switch
        {
            ElementType.Float32 => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(data.As<float>(), shape)),
            ElementType.Int32 => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<int>(data.As<int>(), shape)),
            _ => NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<long>(data.As<long>(), shape)),
        };
    }

    private static void AssertClose(IEnumerable<float> expected, IEnumerable<float> actual)
    {
        var (tables, computed) = (expected.ToList(), actual.ToList());
        Assert.Equal(tables.Count, computed.Count);
        Assert.All(tables.Zip(computed), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}

using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>Where the towers of a trainable encoder come from: our architectures with their weights, or ONNX files.</summary>
internal interface ITrainableTowers
{
    /// <summary>The sizes that the input of pictures takes, −1 where any will do.</summary>
    IReadOnlyList<int> PictureSizes { get; }

    /// <summary>Whether texts may be of any length up to the context length.</summary>
    bool TakesAnyLength { get; }

    /// <summary>Whether the towers are told which tokens are padding.</summary>
    bool TakesMask { get; }

    /// <summary>The graph of a tower, with its weights.</summary>
    /// <param name="output"><see cref="EncoderGraph.Visual"/> or <see cref="EncoderGraph.Textual"/>, its one output</param>
    Graph Tower(string output);

    /// <summary>Adds both towers with their weights to a graph, and what a loss needs.</summary>
    TuningTensors Add(Graph graph, Tensor pixels, TokenTensors text, TuningLoss loss);

    /// <summary>Writes graphs and weights.</summary>
    /// <param name="folder">where to</param>
    /// <param name="values">of a parameter; null: it keeps its own</param>
    /// <param name="half">whether weights are stored in 16 bits</param>
    /// <returns>temperature and bias that were trained and have no place in the files, by the keys under which the card keeps them</returns>
    IReadOnlyDictionary<string, float> Write(string folder, Func<string, TensorData?> values, bool half);
}

/// <summary>What a loss needs of an encoder.</summary>
/// <param name="Contrasts">what is contrasted, the main pair first</param>
/// <param name="LogitBias">what the sigmoid loss adds, a parameter of rank 0; null: the loss is another</param>
/// <param name="IsFused">whether VLMo's other losses are outputs, too</param>
internal sealed record TuningTensors(IReadOnlyList<ContrastTensors> Contrasts, Tensor? LogitBias, bool IsFused);

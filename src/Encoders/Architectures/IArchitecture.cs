using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>A family of encoders: a section of the card with its sizes, and the forward graph that follows from it.</summary>
internal interface IArchitecture
{
    bool ReadsImages { get; }

    bool ReadsTexts { get; }

    /// <summary>Whether the graph is told which tokens are padding.</summary>
    bool MasksPadding { get; }

    /// <summary>Whether a text's vector is the same however much padding stands behind its tokens.</summary>
    bool IgnoresPadding { get; }

    /// <summary>Whether a text's vector is that of the token with the largest id, which has to be the end marker then.</summary>
    bool ReadsAtLargestId => false;

    /// <summary>The names of the outputs that can be the feature, the default first (docs/encoders.md#features).</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>What is wrong with the sizes beside the other sections of <paramref name="card"/>; keys begin with the section's name.</summary>
    IEnumerable<(string Key, string Fault)> Faults(EncoderCard card);

    /// <summary>Whether a file of weights may lack a parameter, because the feature of <paramref name="card"/> does not need it.</summary>
    bool IsOptional(string parameter, EncoderCard card);

    /// <summary>Adds the forward pass, and all other parameters that belong to the encoder, to the graph of <paramref name="layers"/>.</summary>
    /// <param name="layers">the graph, which also gets the parameters</param>
    /// <param name="card">the card that this section is of</param>
    /// <param name="pixels">normalised pictures [B, 3, S, S]; null leaves the visual path out</param>
    /// <param name="text">texts; null leaves the textual path out</param>
    FeatureTensors Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text);

    /// <summary>
    /// Adds what fine-tuning compares, the main pair first. A pair that is not asked for adds nothing to the graph: its parameters would be trained by no loss.
    /// </summary>
    /// <inheritdoc cref="Forward" path="/param"/>
    IEnumerable<ContrastTensors> Contrasts(Layers layers, EncoderCard card, Tensor pixels, TokenTensors text) => [];

    /// <summary>Whether weight decay applies to a parameter: not to biases, gains and temperatures.</summary>
    bool Decays(string parameter, int rank) => rank > 1;
}

/// <summary>A batch of texts.</summary>
/// <param name="Ids">[B, T], int64</param>
/// <param name="Mask">[B, T], int64: 1 for tokens, 0 for padding, whatever its id</param>
public sealed record TokenTensors(Tensor Ids, Tensor Mask);

/// <summary>The features of a batch, not normalised; null where the encoder has no such path.</summary>
/// <param name="Visual">[B, F_v]</param>
/// <param name="Textual">[B, F_t]</param>
public sealed record FeatureTensors(Tensor? Visual, Tensor? Textual);

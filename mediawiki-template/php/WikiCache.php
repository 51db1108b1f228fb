<?php
/**
 * MediaWiki's cache in Redis, for a Redis that lots of wikis share without trusting each other: every key of a wiki begins
 * with its name, also those that MediaWiki means for all wikis, and no script is run, so that a wiki's user of Redis need be
 * allowed neither.
 */

use Wikimedia\ObjectCache\RedisBagOStuff;

class WikisteadWikiCache extends RedisBagOStuff {
	/** @inheritDoc */
	protected function makeKeyInternal( $keyspace, $components ) {
		return parent::makeKeyInternal(
			$keyspace === self::GLOBAL_KEYSPACE ? "{$this->keyspace}:$keyspace" : $keyspace,
			$components
		);
	}

	/** @inheritDoc */
	protected function requireConvertGenericKey(): bool {
		return true;
	}

	/** @inheritDoc */
	protected function doIncrWithInit( $key, $exptime, $step, $init, $flags ) {
		$conn = $this->getConnection( $key );
		if ( !$conn ) {
			return false;
		}
		$ttl = $this->getExpirationAsTTL( $exptime );
		try {
			$conn->multi();
			$conn->set( $key, (string)( $init - $step ), $ttl ? [ 'nx', 'ex' => $ttl ] : [ 'nx' ] );
			$conn->incrBy( $key, $step );
			$results = $conn->exec();
			$result = is_array( $results ) && is_int( $results[1] ?? null ) ? $results[1] : false;
		} catch ( RedisException $e ) {
			$result = false;
			$this->handleException( $conn, $e );
		}
		$this->logRequest( 'incrWithInit', $key, $conn->getServer(), $result );

		return $result;
	}
}
